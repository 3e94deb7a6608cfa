import { actions, type Action, type Right } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";

/** Reads the fields of a JSON object; each fault names its field. Throws account-invalid. */
export interface Fields {
  text(field: string): string;
  optionalText(field: string): string | undefined;
  flag(field: string): boolean | undefined;
  /** An ISO 8601 time as ms; `null` and "never" are "never"; undefined: not given. */
  time(field: string): number | "never" | undefined;
  rights(field: string): Right[] | undefined;
  /** Faults for fields that nobody read: most likely misspelt. */
  end(): void;
}

/** @param value what the body's JSON is, an object or not. */
export function readFields(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid("the body is not a JSON object");
  const object = value as Record<string, unknown>;
  const read = new Set<string>();

  function take(field: string): unknown {
    read.add(field);
    return Object.hasOwn(object, field) ? object[field] : undefined;
  }

  function optionalText(field: string): string | undefined {
    const given = take(field);
    if (given === undefined || typeof given === "string") return given;
    throw invalid(`"${field}" is not a text`);
  }

  return {
    optionalText,
    text(field) {
      const given = optionalText(field);
      if (given === undefined) throw invalid(`"${field}" is missing`);
      return given;
    },
    flag(field) {
      const given = take(field);
      if (given === undefined || typeof given === "boolean") return given;
      throw invalid(`"${field}" is neither true nor false`);
    },
    time(field) {
      const given = take(field);
      if (given === undefined) return undefined;
      if (given === null || given === "never") return "never";
      const time = typeof given === "string" && /^\d{4}-\d\d-\d\d/.test(given) ? Date.parse(given) : NaN;
      if (Number.isNaN(time))
        throw invalid(`"${field}" is not a time such as 2030-01-31T00:00:00Z, nor null`);
      return time;
    },
    rights(field) {
      const given = take(field);
      if (given === undefined) return undefined;
      if (!Array.isArray(given)) throw invalid(`"${field}" is not a list`);
      return given.map((entry) => rightOf(entry, field));
    },
    end() {
      const unknown = Object.keys(object).find((field) => !read.has(field));
      if (unknown !== undefined) throw invalid(`there is no field "${unknown.slice(0, 64)}" here`);
    },
  };
}

/** The rights' own rules are the service's; here only their shape is checked. */
function rightOf(entry: unknown, field: string): Right {
  const { repositories, actions: allowed } = (entry ?? {}) as Record<string, unknown>;
  if (typeof repositories !== "string" || !Array.isArray(allowed))
    throw invalid(
      `"${field}" has an entry that is not {"repositories": "team/**", "actions": ["pull", "push"]}`,
    );
  const unknown = (allowed as unknown[]).find((action) => !(actions as unknown[]).includes(action));
  if (unknown !== undefined)
    throw invalid(
      `"${field}" allows ${JSON.stringify(unknown).slice(0, 64)}: there are ${actions.join(", ")}`,
    );
  return { repositories, actions: [...new Set(allowed as Action[])] };
}

function invalid(message: string): AppError {
  return new AppError("account-invalid", message);
}
