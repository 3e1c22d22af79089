/** Detections of a count as columns: about 100 bytes each, a fifth of an object. */

import { type IdTable, idTable, numberColumn, wholeColumn } from '../../core/columns.ts'
import type { Sum, TotalQualifier } from '../../core/figures.ts'
import type { Detection, Qualifier } from '../../detection/detection.ts'
import type { CountedDetection } from './counted-detection.ts'
import type { Many } from './many.ts'

type Shape = Pick<
  CountedDetection,
  | 'fit'
  | 'kind'
  | 'detector'
  | 'territories'
  | 'isByGroup'
  | 'platforms'
  | 'languages'
  | 'narratives'
  | 'techniques'
  | 'marking'
> & {
  readonly posts: { readonly qualifier: TotalQualifier; readonly notDue: boolean; readonly isOfDay: boolean }
  readonly accounts: Qualifier
}

type Time = Pick<CountedDetection, 'day' | 'lastDay' | 'span'>

type More = Pick<
  CountedDetection,
  'editionRevision' | 'partOf' | 'prints' | 'refs' | 'effect' | 'attributed' | 'setSize'
> & {
  readonly counts?: Detection['counts'] | undefined
  readonly posts?: Sum | undefined
}

/** A view of one row that holds no data: copy what must be kept. */
class Row implements CountedDetection {
  readonly parts = noParts
  readonly #held: Held
  readonly #row: number
  constructor(held: Held, row: number) {
    this.#held = held
    this.#row = row
  }
  get id(): string {
    return this.#held.id(this.#row)
  }
  get revision(): number {
    return this.#held.revision(this.#row)
  }
  get editionRevision(): number | undefined {
    return this.#held.more(this.#row).editionRevision
  }
  get from(): string {
    return this.#held.from(this.#row)
  }
  get fit(): CountedDetection['fit'] {
    return this.#held.shape(this.#row).fit
  }
  get kind(): CountedDetection['kind'] {
    return this.#held.shape(this.#row).kind
  }
  get detector(): string {
    return this.#held.shape(this.#row).detector
  }
  get territories(): CountedDetection['territories'] {
    return this.#held.shape(this.#row).territories
  }
  get platforms(): readonly string[] {
    return this.#held.shape(this.#row).platforms
  }
  get languages(): readonly string[] {
    return this.#held.shape(this.#row).languages
  }
  get narratives(): CountedDetection['narratives'] {
    return this.#held.shape(this.#row).narratives
  }
  get techniques(): CountedDetection['techniques'] {
    return this.#held.shape(this.#row).techniques
  }
  get marking(): CountedDetection['marking'] {
    return this.#held.shape(this.#row).marking
  }
  get day(): string | undefined {
    return this.#held.time(this.#row).day
  }
  get lastDay(): string | undefined {
    return this.#held.time(this.#row).lastDay
  }
  get span(): CountedDetection['span'] {
    return this.#held.time(this.#row).span
  }
  get campaign(): string | undefined {
    return this.#held.campaign(this.#row)
  }
  get hashtags(): readonly string[] {
    return this.#held.hashtags(this.#row)
  }
  get posts(): Sum {
    return this.#held.posts(this.#row)
  }
  get counts(): Detection['counts'] {
    return this.#held.counts(this.#row)
  }
  get isByGroup(): boolean {
    return this.#held.shape(this.#row).isByGroup
  }
  get partOf(): string | undefined {
    return this.#held.more(this.#row).partOf
  }
  get prints(): readonly string[] {
    return this.#held.more(this.#row).prints
  }
  get refs(): CountedDetection['refs'] {
    return this.#held.more(this.#row).refs
  }
  get effect(): CountedDetection['effect'] {
    return this.#held.more(this.#row).effect
  }
  get attributed(): CountedDetection['attributed'] {
    return this.#held.more(this.#row).attributed
  }
  get setSize(): number {
    return this.#held.more(this.#row).setSize
  }
}

type Held = {
  id(row: number): string
  revision(row: number): number
  from(row: number): string
  shape(row: number): Shape
  time(row: number): Time
  campaign(row: number): string | undefined
  hashtags(row: number): readonly string[]
  posts(row: number): Sum
  counts(row: number): Detection['counts']
  more(row: number): More
}

export type CountedRows = {
  readonly size: number
  /** Replaces any detection with the same id. */
  set(one: CountedDetection): void
  delete(id: string): void
  get(id: string): CountedDetection | undefined
  /** In no fixed order. */
  all(): Iterable<CountedDetection>
  /** By first observation and id. */
  sorted(): Many<CountedDetection>
}

/** @param ids shared by all tables of the same detections */
export const countedRows = (ids: IdTable = idTable()): CountedRows => {
  const rowOf = wholeColumn() // of an id, plus one
  const idOf = wholeColumn()
  const [revisions, instants, posts, accounts] = [numberColumn(), numberColumn(), numberColumn(), numberColumn()]
  const [shapeOf, timeOf, campaignOf, hashtagsOf] = [wholeColumn(), wholeColumn(), wholeColumn(), wholeColumn()]
  const shapes = numbered<Shape>()
  const times = numbered<Time>()
  const campaigns = numbered<string | undefined>()
  const lists = numbered<readonly string[]>()
  const mores = new Map<number, More>()
  const nameOf = numbersOf()
  let rows = 0
  let size = 0

  const held: Held = {
    id: (row) => ids.text(idOf.get(row)),
    revision: (row) => revisions.get(row),
    from: isoInstants((row) => instants.get(row)),
    shape: (row) => shapes.at(shapeOf.get(row)),
    time: (row) => times.at(timeOf.get(row)),
    campaign: (row) => campaigns.at(campaignOf.get(row)),
    hashtags: (row) => lists.at(hashtagsOf.get(row)),
    more: (row) => mores.get(row) ?? nothingMore,
    posts: (row) => {
      const apart = mores.get(row)?.posts
      if (apart) return apart
      const { qualifier, notDue, isOfDay } = shapes.at(shapeOf.get(row)).posts
      const known = posts.get(row)
      const byDay = (isOfDay ? times.at(timeOf.get(row)).day : undefined) ?? noDays
      return { known: Number.isNaN(known) ? undefined : known, qualifier, notDue, byDay }
    },
    counts: (row) => {
      const apart = mores.get(row)?.counts
      if (apart) return apart
      const value = accounts.get(row)
      return Number.isNaN(value) ? noCounts : { accounts: { value, qualifier: shapes.at(shapeOf.get(row)).accounts } }
    },
  }

  // Consecutive detections often share a shape; then no key is built.
  let lastShape: { readonly one: CountedDetection; readonly number: number } | undefined
  const shape = (one: CountedDetection): number => {
    if (!lastShape || !isShapedAs(one, lastShape.one)) lastShape = { one, number: newShape(one) }
    return lastShape.number
  }
  const newShape = (one: CountedDetection): number => {
    const { fit, kind, detector, territories, isByGroup, platforms, languages, narratives, techniques, marking } = one
    const { qualifier, notDue, byDay } = one.posts
    const isOfDay = typeof byDay === 'string'
    const given = one.counts.accounts?.qualifier ?? 'exact'
    const parts = [fit, kind, detector, territories, platforms, languages, narratives, techniques, marking, given]
    const key = `${parts.map(nameOf).join()} ${isByGroup} ${qualifier} ${notDue} ${isOfDay}`
    return shapes.number(key, () => ({
      ...{ fit, kind, detector, territories, isByGroup, platforms, languages, narratives, techniques, marking },
      posts: { qualifier, notDue, isOfDay },
      accounts: given,
    }))
  }

  let lastTime: { readonly one: CountedDetection; readonly number: number; readonly instant: number } | undefined
  const timed = (one: CountedDetection): NonNullable<typeof lastTime> => {
    if (lastTime && isTimedAs(one, lastTime.one)) return lastTime
    const { day, lastDay, span, from } = one
    const number = times.number(`${day} ${lastDay} ${span}`, () => ({ day, lastDay, span }))
    lastTime = { one, number, instant: Date.parse(from) }
    return lastTime
  }

  const put = (row: number, one: CountedDetection): void => {
    const { campaign, hashtags } = one
    const time = timed(one)
    revisions.set(row, one.revision)
    instants.set(row, time.instant)
    posts.set(row, one.posts.known ?? Number.NaN)
    accounts.set(row, one.counts.accounts?.value ?? Number.NaN)
    shapeOf.set(row, shape(one))
    timeOf.set(row, time.number)
    campaignOf.set(
      row,
      campaigns.number(campaign, () => campaign),
    )
    hashtagsOf.set(
      row,
      lists.number(hashtags, () => hashtags),
    )
    const more = moreOf(one)
    if (more) mores.set(row, more)
  }

  const remove = (number: number): void => {
    const row = rowOf.get(number) - 1
    if (row < 0) return
    rowOf.set(number, 0)
    mores.delete(row)
    size -= 1
  }
  const isHeld = (row: number): boolean => rowOf.get(idOf.get(row)) === row + 1
  const order = (one: number, other: number): number =>
    instants.get(one) - instants.get(other) || ids.compare(idOf.get(one), idOf.get(other))

  return {
    get size() {
      return size
    },
    set: (one) => {
      const number = ids.number(one.id)
      remove(number)
      idOf.set(rows, number)
      put(rows, one)
      rows += 1
      size += 1
      rowOf.set(number, rows)
    },
    delete: (id) => {
      const number = ids.find(id)
      if (number !== undefined) remove(number)
    },
    get: (id) => {
      const number = ids.find(id)
      const row = number === undefined ? -1 : rowOf.get(number) - 1
      return row < 0 ? undefined : new Row(held, row)
    },
    all: function* () {
      for (let row = 0; row < rows; row += 1) if (isHeld(row)) yield new Row(held, row)
    },
    sorted: () => {
      const ordered = new Uint32Array(size)
      let [at, isSorted] = [0, true]
      for (let row = 0; row < rows; row += 1) {
        if (!isHeld(row)) continue
        if (at > 0 && order(ordered[at - 1] ?? 0, row) > 0) isSorted = false
        ordered[at] = row
        at += 1
      }
      if (!isSorted) ordered.sort(order)
      return {
        length: ordered.length,
        *[Symbol.iterator]() {
          for (const row of ordered) yield new Row(held, row)
        },
      }
    },
  }
}

const numbered = <Value>() => {
  const values: Value[] = []
  const numbers = new Map<unknown, number>()
  return {
    number: (key: unknown, value: () => Value): number => {
      const known = numbers.get(key)
      if (known !== undefined) return known
      numbers.set(key, values.length)
      values.push(value())
      return values.length - 1
    },
    at: (number: number): Value => values[number] as Value,
  }
}

/** Numbers texts by value and lists by identity. */
const numbersOf = () => {
  const numbers = new Map<unknown, number>()
  return (value: unknown): number => {
    const known = numbers.get(value)
    if (known !== undefined) return known
    numbers.set(value, numbers.size)
    return numbers.size - 1
  }
}

/** Caches the last instant: thousands of days begin at the same one. */
const isoInstants = (instantOf: (row: number) => number) => {
  let last = { milliseconds: Number.NaN, instant: '' }
  return (row: number): string => {
    const milliseconds = instantOf(row)
    if (last.milliseconds !== milliseconds) last = { milliseconds, instant: new Date(milliseconds).toISOString() }
    return last.instant
  }
}

const moreOf = (one: CountedDetection): More | undefined => {
  const { editionRevision, partOf, prints, refs, effect, attributed, setSize, counts, posts } = one
  const apart = statesMore(counts) ? counts : undefined
  const split = typeof posts.byDay !== 'string' && posts.byDay.length > 0 ? posts : undefined
  const isUsual =
    editionRevision === undefined &&
    partOf === undefined &&
    prints.length + refs.accounts.length + refs.coordinatedAccounts.length + setSize === 0 &&
    !effect &&
    !attributed &&
    !apart &&
    !split
  return isUsual
    ? undefined
    : {
        editionRevision,
        partOf,
        prints,
        refs,
        effect,
        attributed,
        setSize,
        counts: apart,
        posts: split,
      }
}

const statesMore = (counts: Detection['counts']): boolean => {
  for (const figure in counts) if (figure !== 'accounts') return true
  return false
}

const isShapedAs = (one: CountedDetection, other: CountedDetection): boolean =>
  one.fit === other.fit &&
  one.kind === other.kind &&
  one.detector === other.detector &&
  one.territories === other.territories &&
  one.isByGroup === other.isByGroup &&
  one.platforms === other.platforms &&
  one.languages === other.languages &&
  one.narratives === other.narratives &&
  one.techniques === other.techniques &&
  one.marking === other.marking &&
  one.counts.accounts?.qualifier === other.counts.accounts?.qualifier &&
  one.posts.qualifier === other.posts.qualifier &&
  one.posts.notDue === other.posts.notDue &&
  typeof one.posts.byDay === typeof other.posts.byDay

const isTimedAs = (one: CountedDetection, other: CountedDetection): boolean =>
  one.from === other.from &&
  one.day === other.day &&
  one.lastDay === other.lastDay &&
  one.span?.[0] === other.span?.[0] &&
  one.span?.[1] === other.span?.[1]

const none: readonly string[] = []
const noParts: readonly CountedDetection[] = []
const noDays: Sum['byDay'] = []
const noCounts: Detection['counts'] = {}
const nothingMore: More = {
  editionRevision: undefined,
  partOf: undefined,
  prints: none,
  refs: { accounts: none, coordinatedAccounts: none },
  effect: undefined,
  attributed: 0,
  setSize: 0,
}
