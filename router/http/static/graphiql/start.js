// Starts GraphiQL with what the server put into the page: the endpoint, operations and headers to begin with.
(function () {
  "use strict";

  const settings = JSON.parse(document.getElementById("graphiql-settings").textContent);
  const defaultHeaders = Object.keys(settings.headers).length ? JSON.stringify(settings.headers, null, 2) : undefined;

  function send(parameters, headers) {
    return fetch(settings.endpoint, {
      method: "POST",
      headers: {
        accept: "application/graphql-response+json, application/json;q=0.9",
        "content-type": "application/json",
        ...headers,
      },
      body: JSON.stringify(parameters),
    });
  }

  async function freshHeaders() {
    const page = await fetch(location.href, { headers: { accept: "text/html" } });
    const parsed = new DOMParser().parseFromString(await page.text(), "text/html");
    return JSON.parse(parsed.getElementById("graphiql-settings").textContent).headers;
  }

  // A token that the page came with expires while the page stays open. The server has a fresh one in a fresh page,
  // and the headers editor goes on showing the first.
  let renewed = null;

  async function fetcher(parameters, options) {
    const headers = (options && options.headers) || {};
    const isOurs = settings.headers.Authorization && headers.Authorization === settings.headers.Authorization;
    let response = await send(parameters, isOurs && renewed ? { ...headers, ...renewed } : headers);
    if (response.status === 401 && isOurs) {
      renewed = await freshHeaders();
      response = await send(parameters, { ...headers, ...renewed });
    }
    return response.json();
  }

  // Kept apart per address, so that two routers on one host do not share tabs.
  const prefix = "router:" + settings.endpoint + ":";
  const storage = {
    get length() {
      return localStorage.length;
    },
    getItem: (key) => localStorage.getItem(prefix + key),
    setItem: (key, value) => localStorage.setItem(prefix + key, value),
    removeItem: (key) => localStorage.removeItem(prefix + key),
    clear: () =>
      Object.keys(localStorage)
        .filter((key) => key.startsWith(prefix))
        .forEach((key) => localStorage.removeItem(key)),
  };

  ReactDOM.createRoot(document.getElementById("graphiql")).render(
    React.createElement(GraphiQL, {
      fetcher,
      storage,
      // One tab for each operation; a browser that was here before gets its own tabs back.
      defaultTabs: settings.operations.length
        ? settings.operations.map((query) => ({ query, headers: defaultHeaders }))
        : undefined,
      defaultHeaders,
      // Headers are not remembered by the browser: a fresh page gets fresh ones.
      headers: defaultHeaders,
      shouldPersistHeaders: false,
      defaultEditorToolsVisibility: "variables",
      isHeadersEditorEnabled: true,
    })
  );
})();
