import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { parseDocument } from "yaml";
import { apiRoutes } from "#http/admin/api-routes.ts";
import { routes as adminRoutes } from "#http/admin/routes.ts";
import { routes as distributionRoutes } from "#http/distribution/routes.ts";
import { routes as dockerRoutes } from "#http/docker/routes.ts";
import type { Route } from "#http/edge/route.ts";
import { routes as tokenRoutes } from "#http/token/routes.ts";
import { webRoutes } from "#http/web/routes.ts";
import { operationFaults } from "./openapi/operation-faults.ts";
import type { OpenApi } from "./openapi/document.ts";
import { refFaults } from "./openapi/ref-faults.ts";
import { routeFaults } from "./openapi/route-faults.ts";

const routes: readonly Route[] = [
  ...distributionRoutes,
  ...tokenRoutes,
  ...apiRoutes,
  ...adminRoutes,
  ...dockerRoutes,
  ...webRoutes,
];

function parse(text: string): OpenApi {
  const parsed = parseDocument(text, { uniqueKeys: true, strict: true });
  assert.deepEqual(parsed.errors, []);
  return parsed.toJS() as OpenApi;
}

describe("openapi.yaml", () => {
  const document = parse(readFileSync(new URL("../openapi.yaml", import.meta.url), "utf8"));

  test("has an operation for every route, and no other", () => {
    assert.match(document.openapi, /^3\.1\./);
    assert.deepEqual(routeFaults(document, routes), []);
  });

  test("describes every operation's answers and parameters", () => {
    assert.deepEqual(operationFaults(document), []);
  });

  test("refers only to what is there, and holds nothing that is not referred to", () => {
    assert.deepEqual(refFaults(document), []);
  });
});

describe("the check finds", () => {
  const good = `
openapi: 3.1.1
paths:
  /v2/{name}/tags/list:
    parameters: [{ $ref: "#/components/parameters/name" }]
    get:
      operationId: tag-list
      summary: Tags
      parameters: [{ name: n, in: query, description: How many, schema: { type: integer } }]
      responses: { "200": { description: A page } }
components:
  parameters:
    name: { name: name, in: path, required: true, description: The repository, schema: { type: string } }
`;
  const row: Route = { method: "GET", path: "/v2/{name}/tags/list", name: "tag-list" };
  const faults = (text: string, rows: Route[] = [row]) => {
    const document = parse(text);
    return [...routeFaults(document, rows), ...operationFaults(document), ...refFaults(document)];
  };

  test("nothing in a document that matches", () => {
    assert.deepEqual(faults(good), []);
  });

  for (const [what, text, expected] of [
    ["another operation id", good.replace("tag-list", "tags"), /operationId is tags, the route is tag-list/],
    ["an operation without a route", good.replace("get:", "put:"), /PUT .* has no route/],
    ["no answer of success", good.replace('"200"', '"404"'), /no 2xx answer/],
    [
      "an answer without a description",
      good.replace("description: A page", "x: 1"),
      /200 has no description/,
    ],
    [
      "a parameter without a description",
      good.replace("description: How many, ", ""),
      /n has no description/,
    ],
    ["a parameter without a schema", good.replace(", schema: { type: integer }", ""), /n has no schema/],
    [
      "an undeclared path parameter",
      good.replace("parameters: [{ $ref", "x-no: [{ $ref"),
      /\{name\} isn't declared/,
    ],
    ["an optional path parameter", good.replace("required: true, ", ""), /name must be required/],
    [
      "a reference to nothing",
      good.replace("parameters/name", "parameters/nam"),
      /parameters\/nam leads nowhere/,
    ],
    [
      "an unknown security scheme",
      good.replace("operationId:", "security: [{ bearer: [] }, {}]\n      operationId:"),
      /securitySchemes\/bearer leads nowhere/,
    ],
    ["an unused component", `${good}    n: { name: n }\n`, /#\/components\/parameters\/n is not used/],
  ] as const) {
    test(what, () => {
      const found = faults(text);
      assert.ok(
        found.some((fault) => expected.test(fault)),
        JSON.stringify(found),
      );
    });
  }

  test("a route without an operation", () => {
    const rows: Route[] = [row, { method: "DELETE", path: "/v2/{name}/tags/list", name: "tags-delete" }];
    assert.deepEqual(faults(good, rows), [
      "DELETE /v2/{name}/tags/list (tags-delete) is not in openapi.yaml",
    ]);
  });
});
