/* Passkeys: hands the server's challenge to the browser and its answer back in a form. Without this file, or in a browser
   without passkeys, the buttons stay hidden and every other way works. */
(function () {
  "use strict";
  if (!window.PublicKeyCredential || !navigator.credentials) { return; }

  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/")), made = new Uint8Array(plain.length);
    for (var i = 0; i < plain.length; i += 1) { made[i] = plain.charCodeAt(i); }
    return made;
  }
  function text(buffer) {
    var plain = "";
    new Uint8Array(buffer).forEach(function (one) { plain += String.fromCharCode(one); });
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  function withBytes(list) {
    return (list || []).map(function (one) { return Object.assign({}, one, { id: bytes(one.id) }); });
  }
  function ask(kind, options) {
    options.challenge = bytes(options.challenge);
    if (kind === "create") {
      options.user.id = bytes(options.user.id);
      options.excludeCredentials = withBytes(options.excludeCredentials);
      return navigator.credentials.create({ publicKey: options });
    }
    options.allowCredentials = withBytes(options.allowCredentials);
    return navigator.credentials.get({ publicKey: options });
  }
  function told(made) {
    var answer = { clientDataJSON: text(made.response.clientDataJSON) };
    if (made.response.attestationObject) {
      answer.attestationObject = text(made.response.attestationObject);
      answer.transports = made.response.getTransports ? made.response.getTransports() : [];
    } else {
      answer.authenticatorData = text(made.response.authenticatorData);
      answer.signature = text(made.response.signature);
      answer.userHandle = made.response.userHandle ? text(made.response.userHandle) : null;
    }
    return JSON.stringify({
      id: made.id, rawId: text(made.rawId), type: made.type, response: answer, clientExtensionResults: {},
      authenticatorAttachment: made.authenticatorAttachment || null
    });
  }
  function ready(form) {
    var button = form.querySelector("[data-passkey]"), says = form.querySelector("[data-passkey-says]");
    form.hidden = false;
    button.addEventListener("click", function () {
      button.disabled = true;
      says.textContent = "Follow what your device asks.";
      ask(button.dataset.passkey, JSON.parse(button.dataset.options)).then(function (made) {
        form.querySelector("[name=answer]").value = told(made);
        form.submit();
      }).catch(function () {
        button.disabled = false;
        says.textContent = "That did not work. Try again, or use another way.";
      });
    });
  }
  Array.prototype.forEach.call(document.querySelectorAll("form[data-passkeys]"), ready);
}());
