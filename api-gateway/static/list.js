// What is done to a document in the list leaves one at the list, with its filter; without this script the document opens.

const rows = document.getElementById("list");
const said = document.getElementById("said");

rows.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const button = event.submitter;
  button.disabled = true;
  said.hidden = true;
  try {
    const body = new URLSearchParams(new FormData(form));
    const headers = { accept: "text/html" };
    const answer = await fetch(form.action, { method: "POST", body, headers, redirect: "manual" });
    // Done is answered by leading on to the document; anything else is a page that says why.
    if (answer.type !== "opaqueredirect") {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      say(page.querySelector("main [role=alert]")?.textContent ?? "The gateway refused.");
    }
  } catch {
    say("The gateway does not answer; try again.");
  }
  button.disabled = false;
  document.dispatchEvent(new Event("news"));
});

function say(what) {
  said.textContent = what;
  said.hidden = false;
}
