// Starts GraphiQL with what the server put into the page: the endpoint, operations and headers to begin with.
(function () {
  "use strict";

  const settings = JSON.parse(document.getElementById("graphiql-settings").textContent);
  const defaultHeaders = Object.keys(settings.headers).length ? JSON.stringify(settings.headers, null, 2) : undefined;

  const JSON_TYPES = "application/graphql-response+json, application/json;q=0.9";
  const EVENTS = "text/event-stream";

  function send(parameters, headers, accept, signal) {
    return fetch(settings.endpoint, {
      method: "POST",
      signal,
      headers: {
        accept,
        "content-type": "application/json",
        ...(settings.queryPlan ? { "x-query-plan": "text" } : {}),
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

  async function ask(parameters, options, accept, signal) {
    const headers = (options && options.headers) || {};
    const isOurs = settings.headers.Authorization && headers.Authorization === settings.headers.Authorization;
    const response = await send(parameters, isOurs && renewed ? { ...headers, ...renewed } : headers, accept, signal);
    if (response.status !== 401 || !isOurs) return response;
    renewed = await freshHeaders();
    return send(parameters, { ...headers, ...renewed }, accept, signal);
  }

  function withoutPlan(body, parameters) {
    if (body.extensions && body.extensions.queryPlan) {
      if (parameters.operationName !== "IntrospectionQuery") lastPlan.show(body.extensions.queryPlan);
      delete body.extensions.queryPlan;
      if (!Object.keys(body.extensions).length) delete body.extensions;
    }
    return body;
  }

  function isSubscription(parameters, options) {
    const definitions = (options && options.documentAST && options.documentAST.definitions) || [];
    return definitions.some(
      (definition) =>
        definition.operation === "subscription" &&
        (!parameters.operationName || (definition.name && definition.name.value === parameters.operationName))
    );
  }

  // Each response as it comes; GraphiQL's stop button ends the loop, and that the request.
  async function* subscribe(parameters, options) {
    const aborting = new AbortController();
    try {
      const response = await ask(parameters, options, EVENTS, aborting.signal);
      if (!(response.headers.get("content-type") || "").startsWith(EVENTS)) {
        yield await response.json();
        return;
      }
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        const events = (rest + part.value).split("\n\n");
        rest = events.pop();
        for (const event of events) {
          if (event.startsWith("event: complete")) return;
          const data = event.indexOf("\ndata: ");
          if (event.startsWith("event: next") && data > 0) yield withoutPlan(JSON.parse(event.slice(data + 7)), parameters);
        }
      }
    } finally {
      aborting.abort();
    }
  }

  async function answer(parameters, options) {
    const response = await ask(parameters, options, JSON_TYPES);
    return withoutPlan(await response.json(), parameters);
  }

  function fetcher(parameters, options) {
    return isSubscription(parameters, options) ? subscribe(parameters, options) : answer(parameters, options);
  }

  // The plan of the operation that ran last, shown in a panel of its own.
  const lastPlan = {
    plan: null,
    listeners: new Set(),
    show(plan) {
      this.plan = plan;
      this.listeners.forEach((listener) => listener());
    },
  };
  const element = React.createElement;

  function PlanIcon() {
    return element(
      "svg",
      { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", strokeWidth: 1.5, "aria-hidden": true },
      element("path", { d: "M4 5h6v4H4zM14 5h6v4h-6zM9 15h6v4H9zM7 9v3h10V9M12 12v3" })
    );
  }

  function PlanPanel() {
    const plan = React.useSyncExternalStore(
      (listener) => {
        lastPlan.listeners.add(listener);
        return () => lastPlan.listeners.delete(listener);
      },
      () => lastPlan.plan
    );
    const cost = plan && plan.cost !== undefined ? "Estimated cost: " + plan.cost : null;
    return element(
      "section",
      { "aria-label": "Query plan" },
      element("div", { className: "graphiql-doc-explorer-title" }, "Query plan"),
      cost && element("p", null, cost),
      plan
        ? element("pre", { className: "router-plan", tabIndex: 0 }, plan.text)
        : element("p", null, "Run an operation to see which subgraphs it calls, and in which order.")
    );
  }

  const plugins = settings.queryPlan ? [{ title: "Query plan", icon: PlanIcon, content: PlanPanel }] : [];

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
      plugins,
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
