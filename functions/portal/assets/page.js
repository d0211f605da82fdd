// Copies the text of the element that a button names, and says so.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  button.textContent = "Copied";
});

// Hides the entries of a list that do not have what is searched for.
document.addEventListener("input", (event) => {
  const list = document.getElementById(event.target.dataset.filter ?? "");
  if (!list) return;
  const wanted = event.target.value.toLowerCase();
  for (const entry of list.querySelectorAll(".type")) entry.hidden = !entry.textContent.toLowerCase().includes(wanted);
});
