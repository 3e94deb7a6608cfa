/** Asks all workers for their metrics and waits for the answers, but not for a worker that hangs. */
export interface SnapshotRound {
  run(expected: number, ask: (id: number) => void): Promise<unknown[]>;
  add(id: number, snapshot: unknown): void;
}

const patience = 2_000;

export function createSnapshotRound(): SnapshotRound {
  let id = 0;
  const rounds = new Map<number, { expected: number; snapshots: unknown[]; done: () => void }>();
  return {
    run(expected, ask) {
      const mine = ++id;
      return new Promise((resolve) => {
        const snapshots: unknown[] = [];
        const timer = setTimeout(done, patience);
        function done(): void {
          clearTimeout(timer);
          rounds.delete(mine);
          resolve(snapshots);
        }
        rounds.set(mine, { expected, snapshots, done });
        ask(mine);
      });
    },
    add(roundId, snapshot) {
      const round = rounds.get(roundId);
      if (round === undefined) return;
      round.snapshots.push(snapshot);
      if (round.snapshots.length >= round.expected) round.done();
    },
  };
}
