/** The client's own account of what it sent and what came back: kept without a look at the metrics, to be held against them. */

/** nginx's "client closed request": what the RED families show for a client that left before the answer. */
export const CLIENT_CLOSED_REQUEST = 499;

export interface Exchange {
  readonly method: string;
  /** The shop's route, as the metrics should name it. */
  readonly path: string;
  /** As received; 499 where the client left before the answer. */
  readonly status: number;
  /** The client left, before the answer or in the middle of it. */
  readonly aborted: boolean;
  /** From sending to the end of the answer, or to leaving. */
  readonly durationSeconds: number;
}

/** All exchanges that share method, path and status. */
export interface Account {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  count: number;
  aborted: number;
  readonly durationsSeconds: number[];
}

export class Books {
  /** Requests to paths that are excluded from the metrics by default. */
  excluded = 0;
  readonly #accounts = new Map<string, Account>();

  record({ method, path, status, aborted, durationSeconds }: Exchange): void {
    const account = this.#account(method, path, status);
    account.count += 1;
    account.aborted += aborted ? 1 : 0;
    account.durationsSeconds.push(durationSeconds);
  }

  /** Takes over what is in other books. */
  add(other: Books): void {
    this.excluded += other.excluded;
    for (const { method, path, status, count, aborted, durationsSeconds } of other.accounts()) {
      const account = this.#account(method, path, status);
      account.count += count;
      account.aborted += aborted;
      account.durationsSeconds.push(...durationsSeconds);
    }
  }

  /** Sorted by path, method and status. */
  accounts(): Account[] {
    return [...this.#accounts.values()].sort(
      (a, b) => a.path.localeCompare(b.path) || a.method.localeCompare(b.method) || a.status - b.status,
    );
  }

  /** Of all recorded durations, in seconds, by nearest rank; NaN without any. */
  durationQuantile(quantile: number): number {
    const ascending = this.accounts()
      .flatMap(({ durationsSeconds }) => durationsSeconds)
      .sort((a, b) => a - b);
    return ascending[Math.max(0, Math.ceil(quantile * ascending.length) - 1)] ?? Number.NaN;
  }

  #account(method: string, path: string, status: number): Account {
    const key = `${method} ${path} ${status}`;
    const account = this.#accounts.get(key) ?? { method, path, status, count: 0, aborted: 0, durationsSeconds: [] };
    this.#accounts.set(key, account);
    return account;
  }
}
