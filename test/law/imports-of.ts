import ts from "typescript";

/** One mention of another module. */
export interface Import {
  /** As written; undefined where it is computed, so that nobody can check it. */
  specifier: string | undefined;
  /** Gone after type stripping. */
  typeOnly: boolean;
  /** Not loaded but located, as a worker's file is: `import.meta.resolve()` or `new URL()`. */
  located: "resolve" | "url" | undefined;
  /** 1-based. */
  line: number;
}

/** What a file mentions that the laws are about. */
export interface Mentions {
  imports: Import[];
  /** Lines (1-based) that read `process.env`. */
  environment: number[];
}

/**
 * Every way to name another module: import, re-export, `import()`, `import("…").Type`, `import x = require()`,
 * `require()`, `import.meta.resolve()`, `new URL("….ts", import.meta.url)`, `/// <reference path>`.
 */
export function mentionsOf(path: string, text: string): Mentions {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: Mentions = { imports: [], environment: [] };
  const lineOf = (position: number) => file.getLineAndCharacterOfPosition(position).line + 1;
  const add = (
    node: ts.Node,
    specifier: ts.Node | undefined,
    typeOnly = false,
    located: Import["located"] = undefined,
  ) =>
    found.imports.push({
      specifier: textOf(specifier),
      typeOnly,
      located,
      line: lineOf(node.getStart(file)),
    });

  for (const reference of file.referencedFiles) {
    const line = lineOf(reference.pos);
    found.imports.push({ specifier: reference.fileName, typeOnly: true, located: undefined, line });
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node, node.moduleSpecifier, isTypeOnly(node.importClause));
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
      add(node, node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isImportTypeNode(node)) {
      add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
    } else if (ts.isExternalModuleReference(node)) {
      add(node, node.expression);
    } else if (ts.isCallExpression(node) && loadsModule(node.expression)) {
      add(node, node.arguments[0]);
    } else if (ts.isCallExpression(node) && locatesModule(node.expression)) {
      add(node, node.arguments[0], false, "resolve");
    } else if (ts.isNewExpression(node) && isCodeUrl(node)) {
      add(node, node.arguments?.[0], false, "url");
    }
    if (readsEnvironment(node)) found.environment.push(lineOf(node.getStart(file)));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  if (clause.name || !names || !ts.isNamedImports(names)) return false;
  return names.elements.length > 0 && names.elements.every((element) => element.isTypeOnly);
}

function loadsModule(callee: ts.Expression): boolean {
  return (
    callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === "require")
  );
}

function locatesModule(callee: ts.Expression): boolean {
  return (
    ts.isPropertyAccessExpression(callee) && callee.name.text === "resolve" && isImportMeta(callee.expression)
  );
}

/** A worker's file named by URL. Folders and data (migrations) are nobody's import. */
function isCodeUrl({ expression, arguments: given }: ts.NewExpression): boolean {
  if (!ts.isIdentifier(expression) || expression.text !== "URL") return false;
  const base = given?.[1];
  if (!base || !ts.isPropertyAccessExpression(base) || !isImportMeta(base.expression)) return false;
  return /\.[cm]?[jt]s$/.test(textOf(given[0]) ?? "");
}

function isImportMeta(node: ts.Node): boolean {
  return ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword;
}

/** `process.env`, `process["env"]`, `const { env } = process`, the same of `globalThis.process`. */
function readsEnvironment(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) return node.name.text === "env" && isProcess(node.expression);
  if (ts.isElementAccessExpression(node)) {
    return textOf(node.argumentExpression) === "env" && isProcess(node.expression);
  }
  if (!ts.isVariableDeclaration(node) || !ts.isObjectBindingPattern(node.name)) return false;
  if (!node.initializer || !isProcess(node.initializer)) return false;
  return node.name.elements.some(
    ({ propertyName, name, dotDotDotToken }) =>
      dotDotDotToken !== undefined || (propertyName ?? name).getText() === "env",
  );
}

function isProcess(node: ts.Expression): boolean {
  if (ts.isIdentifier(node)) return node.text === "process";
  return ts.isPropertyAccessExpression(node) && node.name.text === "process";
}
