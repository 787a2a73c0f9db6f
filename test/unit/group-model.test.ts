/**
 * Random lives of a group against a model that only adds: members join, count, send, stall, end, are killed, and the one that
 * serves ends or is killed. The page equals the model at each scrape, and nothing on it ever goes down.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { GroupState } from "../../src/group/group-state.ts";
import { mergeRed } from "../../src/group/merged-red.ts";
import type { OwnCounts } from "../../src/group/own-counts.ts";
import { encode, Frames } from "../../src/group/protocol.ts";
import { type CopyAndNumbers, Replica } from "../../src/group/replica.ts";
import { RED_FAMILIES } from "../../src/view/families.ts";
import { CountingMember, groupOptions, overTheWire } from "../support/group-member.ts";

/** Requests by path. */
type Books = Map<string, number>;

function add(books: Books, more: Books): void {
  for (const [path, count] of more) books.set(path, (books.get(path) ?? 0) + count);
}

interface Living {
  readonly member: CountingMember;
  /** What was told to the process that serves. */
  counts: OwnCounts;
  /** Since its start, and of that what the process that serves has been told. */
  readonly counted: Books;
  sent: Books;
}

class Group {
  /** The first one serves. */
  readonly living: Living[] = [];
  state = new GroupState(groupOptions());
  #replica = new Replica(this.state, "lineage");
  #copy = new GroupState(groupOptions());
  /** What the standby knows of each member. */
  #copied = new Map<string, Books>();
  /** Of members that have ended. */
  #ended: Books = new Map();
  #shown = new Map<string, number>();
  #number = 0;

  join(): void {
    const member = new CountingMember(`member ${++this.#number}`);
    const living = { member, counts: member.counts(), counted: new Map(), sent: new Map() };
    this.living.push(living);
    this.#tellAll(living);
  }

  #tellAll(living: Living): void {
    living.counts = living.member.counts();
    const { change, numbers } = living.counts.now();
    const sent = overTheWire(change, numbers);
    this.state.apply(this.state.join(living.member.identity), true, sent.change, sent.numbers);
    living.sent = new Map(living.counted);
  }

  count(index: number, path: string): void {
    const living = this.living[index % this.living.length];
    living?.member.request(path);
    if (living) add(living.counted, new Map([[path, 1]]));
  }

  send(index: number): void {
    const living = this.living[index % this.living.length];
    if (living !== undefined) this.#send(living);
  }

  #send(living: Living): void {
    const { change, numbers } = living.counts.counted();
    const sent = overTheWire(change, numbers);
    const member = this.state.members.get(living.member.identity.id);
    assert.ok(member);
    this.state.apply(member, false, sent.change, sent.numbers);
    living.sent = new Map(living.counted);
  }

  /** @param answers whether a member answers; a stalled one does not */
  scrape(answers: (index: number) => boolean): void {
    for (const [index, living] of this.living.entries()) if (index === 0 || answers(index)) this.#send(living);
    this.#copyToStandby();
    this.#show();
  }

  /** What the process that serves has counted itself, between two scrapes. */
  share(): void {
    const [serving] = this.living;
    if (serving === undefined) return;
    this.#send(serving);
    const { id } = serving.member.identity;
    this.#copyTo(this.#replica.takeOf(id));
    if (this.#copied.size > 0) this.#copied.set(id, new Map(serving.sent));
  }

  #copyTo(news: CopyAndNumbers | undefined): void {
    if (news === undefined) return;
    const [received] = [...new Frames().take(encode(news.copy, news.numbers))];
    assert.ok(received?.message.type === "copy");
    this.#copy.copy(received.message, received.numbers);
  }

  #copyToStandby(): void {
    this.#copyTo(this.#replica.take(0));
    this.#copied = new Map(this.living.map(({ member, sent }) => [member.identity.id, new Map(sent)]));
  }

  #show(): void {
    const red = mergeRed(this.state, 0);
    const expected: Books = new Map(this.#ended);
    for (const { sent } of this.living) add(expected, sent);
    const page = new Map<string, number>();
    for (const { descriptor, kind, series, values } of RED_FAMILIES) {
      if (kind === "gauge") continue;
      for (let index = 0; index < series.size(red); index++) {
        const { attributes } = series.of(red)[index] as { attributes: object };
        page.set(`${descriptor.name} ${JSON.stringify(attributes)}`, values(red)(index));
      }
    }
    const requests = (path: string) =>
      page.get(`http_requests_total ${JSON.stringify({ method: "GET", status_code: "200", path, service: "shop" })}`);
    for (const [path, count] of expected) assert.equal(requests(path), count, path);
    for (const [name, shown] of this.#shown) assert.ok((page.get(name) ?? -1) >= shown, `${name} goes down`);
    this.#shown = page;
  }

  /** @param isGraceful whether it can still send what it has counted */
  end(index: number, isGraceful: boolean): void {
    if (this.living.length < 2) return;
    const at = index % this.living.length;
    if (at === 0) this.#endServing(isGraceful);
    else this.#endMember(at, isGraceful);
  }

  #endMember(at: number, isGraceful: boolean): void {
    const [living] = this.living.splice(at, 1);
    if (living === undefined) return;
    if (isGraceful) this.#send(living);
    const { id } = living.member.identity;
    this.state.lose(id);
    this.state.forget(id);
    add(this.#ended, living.sent);
    this.#copyToStandby();
  }

  #endServing(isGraceful: boolean): void {
    const serving = this.living.shift();
    if (serving === undefined) return;
    const { id } = serving.member.identity;
    if (isGraceful) {
      this.#send(serving);
      add(this.#ended, serving.sent);
      this.state.forget(id);
      this.#copyToStandby();
    } else {
      add(this.#ended, this.#copied.get(id) ?? new Map());
    }
    // what only the serving process knew is gone with it; the members tell it again
    this.state = this.#copy;
    for (const member of this.state.members.keys()) this.state.lose(member);
    if (!isGraceful) this.state.forget(id);
    for (const living of this.living) this.#tellAll(living);
    this.#copy = new GroupState(groupOptions());
    this.#replica = new Replica(this.state, "lineage");
    this.#copyToStandby();
    this.#show();
  }
}

type Step = (group: Group) => void;

const index = fc.nat(7);
const path = fc.constantFrom("/a", "/b/:id", "/c", "/d/:id/e");
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>((group) => group.join()),
  fc.constant<Step>((group) => group.share()),
  {
    weight: 5,
    arbitrary: fc.tuple(index, path).map(
      ([at, each]): Step =>
        (group) =>
          group.count(at, each),
    ),
  },
  {
    weight: 2,
    arbitrary: index.map(
      (at): Step =>
        (group) =>
          group.send(at),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.array(fc.boolean(), { maxLength: 8 }).map(
      (stalled): Step =>
        (group) =>
          group.scrape((at) => !stalled[at]),
    ),
  },
  fc.tuple(index, fc.boolean()).map(
    ([at, isGraceful]): Step =>
      (group) =>
        group.end(at, isGraceful),
  ),
);

describe("a group", () => {
  it("shows what its members have told, and nothing goes down, whatever happens to them", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const group = new Group();
        group.join();
        group.join();
        for (const each of steps) each(group);
        group.scrape(() => true);
      }),
      { numRuns: 300 },
    );
  });
});
