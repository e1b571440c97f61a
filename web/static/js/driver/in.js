/**
 * Takes the code of the day out of the address, where no server and no log ever sees it, and lets a thumb send it.
 * It takes a tap: whatever opens the address only to look at it does not use the code up.
 */

const form = document.getElementById("by-code");
const none = document.getElementById("no-code");

function take() {
  const code = location.hash.slice(1);
  if (code) {
    form.elements.code.value = code;
    // nothing of it stays in the history of the phone
    history.replaceState(null, "", location.pathname);
  }
  form.hidden = !form.elements.code.value;
  none.hidden = !form.hidden;
}

document.getElementById("no-script").hidden = true;
addEventListener("hashchange", take);
take();
