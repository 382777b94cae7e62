/* Answers to an alert without loading the whole page anew: the forms say data-answer and work as plain forms without
   this. A refusal (409, 422) is a page to be read, not an error to be swallowed. */
(function () {
  "use strict";

  function enhance(root) {
    for (const form of root.querySelectorAll("form[data-answer]:not([hx-post])")) {
      form.setAttribute("hx-post", form.getAttribute("action"));
      form.setAttribute("hx-target", "#alert");
      form.setAttribute("hx-select", "#alert");
      form.setAttribute("hx-swap", "outerHTML show:window:top");
      if (window.htmx) window.htmx.process(form);
    }
  }

  document.addEventListener("htmx:beforeSwap", function (event) {
    const refused = event.detail.xhr.status === 409 || event.detail.xhr.status === 422;
    if (refused && event.detail.target.id === "alert") {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  document.addEventListener("htmx:afterSettle", function () {
    enhance(document);
    const errors = document.querySelector("#alert [data-focus-first]");
    if (errors) errors.focus();
  });
  enhance(document);
})();
