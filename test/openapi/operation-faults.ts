import { operationsOf, resolved, type OpenApi, type Parameter } from "./document.ts";

/** What an operation leaves undescribed: no success, nameless parameters, path parameters that aren't declared. */
export function operationFaults(document: OpenApi): string[] {
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const { method, path, item, operation } of operationsOf(document)) {
    const at = `${method} ${path}`;
    const fault = (text: string) => faults.push(`${at}: ${text}`);
    const id = operation.operationId ?? "";
    if (id === "" || seen.has(id)) fault(`operationId "${id}" is empty or taken`);
    seen.add(id);
    if (!operation.summary) fault("no summary");

    const answers = Object.entries(operation.responses ?? {});
    if (!answers.some(([status]) => /^2\d\d$/.test(status))) fault("no 2xx answer");
    for (const [status, answer] of answers) {
      if (!resolved(document, answer).description) fault(`${status} has no description`);
    }

    const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((one) =>
      resolved(document, one),
    );
    for (const parameter of parameters)
      faults.push(...parameterFaults(parameter).map((text) => `${at}: ${text}`));
    const names = parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
    if (new Set(names).size < names.length) fault("a parameter is declared twice");
    const declared = parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name);
    const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
    for (const name of inPath) if (!declared.includes(name)) fault(`{${name}} isn't declared`);
    for (const name of declared) if (!inPath.includes(name)) fault(`${name} isn't in the path`);
  }
  return faults;
}

function parameterFaults({ name, in: place, required, description, schema }: Partial<Parameter>): string[] {
  const faults: string[] = [];
  if (!name || !place) faults.push("a parameter has no name or place");
  if (!description) faults.push(`${name} has no description`);
  if (!schema) faults.push(`${name} has no schema`);
  if (place === "path" && required !== true) faults.push(`${name} must be required`);
  return faults;
}
