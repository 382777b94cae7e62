/* Passkeys: a form with data-passkey ("make" or "use") asks the server for options, the phone for its lock, and is then
   sent with what the phone signed. Where a browser has no passkeys the form stays hidden and [data-passkey-none] says so. */
(function () {
  "use strict";

  const forms = document.querySelectorAll("form[data-passkey]");
  const offers = document.querySelectorAll("[data-passkey-offer]");
  if (!forms.length && !offers.length) return;
  const able = typeof window.PublicKeyCredential === "function" && navigator.credentials;

  function bytes(text) {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
  }

  function text(buffer) {
    let plain = "";
    for (const byte of new Uint8Array(buffer)) plain += String.fromCharCode(byte);
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  /* By hand, as phones that are some years old lack parseCreationOptionsFromJSON and toJSON. */
  function read(options) {
    const found = { ...options.publicKey, challenge: bytes(options.publicKey.challenge) };
    if (found.user) found.user = { ...found.user, id: bytes(found.user.id) };
    for (const list of ["excludeCredentials", "allowCredentials"]) {
      if (found[list]) found[list] = found[list].map((one) => ({ ...one, id: bytes(one.id) }));
    }
    return { publicKey: found };
  }

  function written(credential) {
    const response = {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[part]) response[part] = text(credential.response[part]);
    }
    return {
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment || undefined,
      clientExtensionResults: credential.getClientExtensionResults(),
      response,
    };
  }

  async function sign(form) {
    const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    const answer = await fetch(form.dataset.options, { method: "POST", headers: { "X-CSRFToken": token }, credentials: "same-origin" });
    const options = await answer.json();
    if (!answer.ok) throw new Error(options.problem || "");
    const ceremony = form.dataset.passkey === "make" ? "create" : "get";
    return navigator.credentials[ceremony](read(options));
  }

  function say(form, words) {
    const place = form.querySelector("[data-passkey-problem]");
    place.textContent = words;
    place.hidden = !words;
    if (words) place.focus();
  }

  for (const form of forms) {
    if (!able) continue;
    form.hidden = false;
    form.addEventListener("submit", async function (event) {
      event.preventDefault();
      event.stopPropagation();
      if (form.dataset.busy) return;
      form.dataset.busy = "1";
      say(form, "");
      try {
        form.querySelector("[name=credential]").value = JSON.stringify(written(await sign(form)));
        form.submit();
      } catch (problem) {
        /* NotAllowedError: put away, too late, or no such key; a browser does not say which. */
        const known = problem instanceof Error && problem.constructor === Error && problem.message;
        say(form, known || (problem.name === "InvalidStateError" ? form.dataset.already : form.dataset.cancelled));
      } finally {
        delete form.dataset.busy;
      }
    });
  }
  for (const note of document.querySelectorAll("[data-passkey-none]")) note.hidden = Boolean(able);

  /* On an invitation: only where this very phone has a lock that can do it. */
  if (able && offers.length && PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable) {
    PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().then(function (can) {
      for (const offer of offers) offer.hidden = !can;
    }, function () {});
  }
})();
