import type { TagFacts, TagRoom } from "#core/metadata/tag-room.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { attachedTo } from "./attached-to.ts";
import { decide, type Moment, type Verdict } from "./decide.ts";
import { createRanks } from "./ranks.ts";
import type { Rule } from "./rules.ts";

/** What becomes of a tag, by which rule, and why. */
export interface TagDecision extends Verdict {
  repository: RepositoryName;
  name: Tag;
  digest: Digest;
  /** When (ms) it was last set. */
  updatedAt: number;
  /** Title of the rule that decides; undefined: none is about it. */
  rule: string | undefined;
}

export interface SurveyParts {
  tagRoom: Pick<TagRoom, "facts" | "heldByEngines">;
  /** The pattern that makes a tag immutable. */
  immutable: (repository: RepositoryName, tag: Tag) => string | undefined;
  /** Rows of the next page. */
  rows: () => number;
  /** Between two pages. */
  breathe: () => Promise<void>;
}

/** A repository's tags under rules. */
export interface Survey {
  /** All of them, page by page, by name. */
  pages(): AsyncGenerator<TagDecision[], void, void>;
  /** What is decided of these by now. */
  decide(tags: readonly TagFacts[]): Promise<TagDecision[]>;
}

/**
 * Looks at a repository's tags once for where they stand among each other, and again for what becomes of each; so what
 * is pushed in between stands before what was there. Whatever a rule says, what must stay does; only then it is looked for.
 */
export async function surveyRepository(
  { tagRoom, immutable, rows, breathe }: SurveyParts,
  repository: RepositoryName,
  rules: readonly Rule[],
  moment: Moment,
): Promise<Survey> {
  const covering = rules.filter(({ covers }) => covers(repository));
  const ruleFor = (tag: Tag) => covering.find(({ about }) => about(tag));
  const ranks = createRanks();

  async function* factPages(): AsyncGenerator<TagFacts[], void, void> {
    for (let last: string | undefined; ; await breathe()) {
      const limit = rows();
      const page = await tagRoom.facts(repository, { limit, last });
      if (page.length > 0) yield page;
      if (page.length < limit) return;
      last = page.at(-1)?.name;
    }
  }

  function byRule(tag: TagFacts): TagDecision {
    const { name, digest, updatedAt } = tag;
    const about = { repository, name, digest, updatedAt };
    const attached = attachedTo(name);
    if (attached !== undefined)
      return { ...about, kept: true, rule: undefined, why: `goes with ${attached}` };
    const rule = ruleFor(name);
    if (rule === undefined) return { ...about, kept: true, rule: undefined, why: "no rule is about it" };
    const verdict = decide(rule, tag, ranks, moment);
    const stays = verdict.kept ? undefined : whyItStays(tag);
    return { ...about, rule: rule.title, ...(stays === undefined ? verdict : { kept: true, why: stays }) };
  }

  function whyItStays({ name, pinned }: TagFacts): string | undefined {
    if (pinned) return "pinned";
    const pattern = immutable(repository, name);
    return pattern && `immutable (${pattern})`;
  }

  async function decideAll(tags: readonly TagFacts[]): Promise<TagDecision[]> {
    const decisions = tags.map(byRule);
    const going = decisions.filter(({ kept }) => !kept).map(({ digest }) => digest);
    if (going.length === 0) return decisions;
    const held = new Set(await tagRoom.heldByEngines([...new Set(going)], repository));
    return decisions.map((one) =>
      !one.kept && held.has(one.digest) ? { ...one, kept: true, why: "an image of the engine" } : one,
    );
  }

  if (covering.length > 0)
    for await (const page of factPages())
      for (const tag of page) {
        const rule = attachedTo(tag.name) === undefined ? ruleFor(tag.name) : undefined;
        if (rule !== undefined) ranks.add(rule, tag);
      }

  return {
    async *pages() {
      for await (const page of factPages()) yield await decideAll(page);
    },
    decide: decideAll,
  };
}
