/**
 * The members that have a copy of the group, one of which takes over when the serving process ends. They are sent what is
 * about to be shown before it is shown: so no number that anybody has seen is lost.
 *
 * There are two of them, as a process manager may restart two processes at a time.
 */
import type { GroupState, Member } from "./group-state.ts";
import type { Link } from "./link.ts";
import { Replica } from "./replica.ts";

/** How long, in milliseconds, a page waits for the copies to be with the system. */
const LONGEST_COPY_MS = 400;
const MOST_STANDBYS = 2;

export interface Candidate {
  readonly member: Member;
  readonly link: Link;
}

export class Standbys {
  readonly #state: GroupState;
  readonly #lineage: string;
  readonly #candidates: () => Iterable<Candidate>;
  #chosen: (Candidate & { readonly replica: Replica })[] = [];

  /** @param candidates in the order in which they joined */
  constructor(state: GroupState, lineage: string, candidates: () => Iterable<Candidate>) {
    this.#state = state;
    this.#lineage = lineage;
    this.#candidates = candidates;
  }

  /** Sends what has changed. The system has it, or will take it as soon as the standby reads. */
  send(): void {
    this.#choose();
    for (const [rank, { replica, link }] of this.#chosen.entries()) {
      const news = replica.take(rank);
      if (news !== undefined) link.send(news.copy, news.numbers);
    }
  }

  /** As `send`, but only what has changed in one member. */
  sendOf(id: string): void {
    for (const { replica, link } of this.#chosen) {
      const news = replica.takeOf(id);
      if (news !== undefined) link.send(news.copy, news.numbers);
    }
  }

  /** Resolves when the copies are safe. A standby that does not read is dismissed. */
  async areSafe(): Promise<void> {
    let late: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      late = setTimeout(resolve, LONGEST_COPY_MS).unref();
    });
    const unsafe = new Set(this.#chosen);
    const flushed = [...unsafe].map((each) => each.link.flushed().then(() => unsafe.delete(each)));
    await Promise.race([Promise.all(flushed), deadline]);
    clearTimeout(late);
    for (const { member } of unsafe) member.isStuck = true;
  }

  /** For a process that ends. */
  sendNow(): void {
    this.send();
    for (const { link } of this.#chosen) link.flushNow();
  }

  /** A standby stays one for as long as it can. A primary is the best there is, as it lives longest. */
  #choose(): void {
    const candidates = [...this.#candidates()].filter(({ member }) => member.isHere && !member.isStuck);
    const isChosen = ({ link }: Candidate) => this.#chosen.some((each) => each.link === link);
    const rank = (candidate: Candidate) => (candidate.member.identity.isPrimary ? 0 : isChosen(candidate) ? 1 : 2);
    const best = candidates.sort((a, b) => rank(a) - rank(b)).slice(0, MOST_STANDBYS);
    for (const { link } of this.#chosen) if (!best.some((each) => each.link === link)) link.send({ type: "dismissed" });
    this.#chosen = best.map(
      (candidate) =>
        this.#chosen.find(({ link }) => link === candidate.link) ?? {
          ...candidate,
          replica: new Replica(this.#state, this.#lineage),
        },
    );
  }
}
