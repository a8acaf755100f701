// Starts GraphiQL with what the server put into the page: the endpoint, an operation and headers to begin with.
(function () {
  "use strict";

  const settings = JSON.parse(document.getElementById("graphiql-settings").textContent);
  const defaultHeaders = Object.keys(settings.headers).length ? JSON.stringify(settings.headers, null, 2) : undefined;

  async function fetcher(parameters, options) {
    const response = await fetch(settings.endpoint, {
      method: "POST",
      headers: {
        accept: "application/graphql-response+json, application/json;q=0.9",
        "content-type": "application/json",
        ...(options && options.headers),
      },
      body: JSON.stringify(parameters),
    });
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
      defaultQuery: settings.operation || undefined,
      defaultHeaders,
      // Headers are not remembered by the browser: a fresh page gets fresh ones.
      headers: defaultHeaders,
      shouldPersistHeaders: false,
      defaultEditorToolsVisibility: "variables",
      isHeadersEditorEnabled: true,
    })
  );
})();
