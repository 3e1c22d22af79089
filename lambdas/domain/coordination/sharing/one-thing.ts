import type { Shares } from './shares.ts'

/** Merges objects with the same posts, such as a text and its link; keeps the most informative. */
export const eachThingOnce = (shares: Shares): Shares => {
  if (!shares.several) return shares
  const kept = keptObjects(shares)
  if (kept.length === shares.objectNames.length) return shares
  const starts = new Int32Array(kept.length + 1)
  for (const [at, object] of kept.entries()) starts[at + 1] = (starts[at] as number) + sizeOf(shares, object)
  const length = starts[kept.length] as number
  const columns = { accounts: new Int32Array(length), times: new Float64Array(length), posts: new Int32Array(length) }
  for (const [at, object] of kept.entries()) {
    const [from, to] = [shares.starts[object], shares.starts[object + 1]]
    columns.accounts.set(shares.accounts.subarray(from, to), starts[at])
    columns.times.set(shares.times.subarray(from, to), starts[at])
    columns.posts.set(shares.posts.subarray(from, to), starts[at])
  }
  return {
    ...shares,
    ...columns,
    starts,
    objectNames: kept.map((object) => shares.objectNames[object] as string),
    sourceOf: Int32Array.from(kept, (object) => shares.sourceOf[object] as number),
    several: sharesSeveral(columns.posts),
  }
}

const sizeOf = ({ starts }: Shares, object: number): number =>
  (starts[object + 1] as number) - (starts[object] as number)

const keptObjects = (shares: Shares): readonly number[] => {
  const byTrace = new Map<number, number[]>()
  for (let object = 0; object < shares.objectNames.length; object += 1) {
    const trace = traceOf(shares, object)
    const kept = byTrace.get(trace) ?? []
    byTrace.set(trace, kept)
    const twin = kept.findIndex((other) => isSame(shares, object, other))
    if (twin === -1) kept.push(object)
    else if (rankOf(shares, object) < rankOf(shares, kept[twin] as number)) kept[twin] = object
  }
  return [...byTrace.values()].flat().sort((a, b) => a - b)
}

/** FNV-1a of the posts' places; may collide. */
const traceOf = ({ posts, starts }: Shares, object: number): number => {
  let trace = 0x811c9dc5
  for (let share = starts[object] as number; share < (starts[object + 1] as number); share += 1)
    trace = Math.imul(trace ^ (posts[share] as number), 0x01000193)
  return trace
}

const isSame = (shares: Shares, one: number, other: number): boolean => {
  const size = sizeOf(shares, one)
  if (size !== sizeOf(shares, other)) return false
  const [first, second] = [shares.starts[one] as number, shares.starts[other] as number]
  for (let at = 0; at < size; at += 1) if (shares.posts[first + at] !== shares.posts[second + at]) return false
  return true
}

/** Most informative first: a reader can open an address. */
const kinds = ['url', 'repost', 'reply', 'object', 'copy', 'hashtag']

const rankOf = ({ objectNames }: Shares, object: number): number =>
  kinds.indexOf((objectNames[object] as string).split(' ', 1)[0] as string)

const sharesSeveral = (posts: Int32Array): boolean => new Set(posts).size < posts.length
