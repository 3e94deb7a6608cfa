/** A row of a door's route table; openapi.yaml has an operation for each. */
export interface Route {
  method: "GET" | "HEAD" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** As in openapi.yaml, e.g. `/v2/{name}/blobs/{digest}`. */
  path: string;
  /** Operation id, and the label in logs and metrics. */
  name: string;
}
