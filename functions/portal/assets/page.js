// What htmx does not do. Every action works without any of it.

// Copies the text of the element that a button names, and says so.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  button.textContent = "Copied";
});

// Hides the entries of a list that do not have what is searched for, and the groups that have no other.
document.addEventListener("input", (event) => {
  const list = document.getElementById(event.target.dataset.filter ?? "");
  if (!list) return;
  const wanted = event.target.value.trim().toLowerCase();
  for (const entry of list.querySelectorAll(".type")) entry.hidden = !entry.textContent.toLowerCase().includes(wanted);
  for (const group of list.querySelectorAll("fieldset")) group.hidden = !group.querySelector(".type:not([hidden])");
});

// What is fetched again by the clock waits while nobody looks, or somebody is at it with the keyboard or has opened a part.
document.addEventListener("htmx:beforeRequest", (event) => {
  const part = event.target;
  if (!part.hasAttribute("data-live")) return;
  if (document.hidden || part.contains(document.activeElement) || part.querySelector("details[open]")) event.preventDefault();
});
