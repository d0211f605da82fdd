// What htmx does not do. Every action works without any of it.

// Copies the text of the element that a button names, and says so. Where that is not allowed, such as in a frame, the text is
// selected instead.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const text = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(text);
    button.textContent = "Selected: now copy it";
  }
});

// Hides the entries of a list that do not have what is searched for, and the groups that have no other.
document.addEventListener("input", (event) => {
  const list = document.getElementById(event.target.dataset.filter ?? "");
  if (!list) return;
  const wanted = event.target.value.trim().toLowerCase();
  for (const entry of list.querySelectorAll(".type")) entry.hidden = !entry.textContent.toLowerCase().includes(wanted);
  for (const group of list.querySelectorAll("fieldset")) group.hidden = !group.querySelector(".type:not([hidden])");
});
// Enter there is not meant to send the form.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.dataset?.filter) event.preventDefault();
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const { target } = event;
  // What is fetched again by the clock waits while nobody looks, or has opened a part of it.
  if (target.hasAttribute("data-live") && (document.hidden || target.querySelector("details[open]"))) event.preventDefault();
  // Another type's example takes the place of what was entered only if that is wanted.
  const data = document.getElementById("data");
  if (target.id === "event_type" && data.value !== data.defaultValue && !confirm("Replace the data by the example of this type?")) {
    event.preventDefault();
    target.value = document.getElementById("chosen").value;
  }
});
