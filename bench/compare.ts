/**
 * Rendering by two trees of this code, in turn within one run: what a change to it saves, and whether the bytes are the
 * same. `git worktree add ../before COMMIT`, `npm ci` in it, then `node bench/compare.ts ../before`.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Rendered } from './compare-tree.ts'
import { type Figures, machine, median, ms, show } from './figures.ts'

const rounds = 9
/** A quiet week, a usual one, busy ones. */
const sizes = [0, 4, 20, 100]

const [other] = process.argv.slice(2).filter((word) => !word.startsWith('--'))
if (other === undefined) throw new Error('name the folder of the other tree: node bench/compare.ts ../before')
const trees = [resolve(other), fileURLToPath(new URL('..', import.meta.url))]

const start = async (root: string): Promise<ChildProcess> => {
  // Each tree's own: what renders takes and gives may be another thing there.
  const child = fork(join(root, 'bench', 'compare-tree.ts'), [root])
  await once(child, 'message')
  return child
}

const rendered = async (child: ChildProcess, detections: number): Promise<Rendered> => {
  const answer = once(child, 'message')
  child.send(detections)
  const [found] = (await answer) as [Rendered]
  return found
}

const compare = async (children: readonly ChildProcess[], detections: number): Promise<Figures> => {
  for (const child of children) await rendered(child, detections) // warms up
  const pairs: Rendered[][] = []
  for (let round = 0; round < rounds; round += 1) {
    const pair: Rendered[] = []
    for (const child of children) pair.push(await rendered(child, detections))
    pairs.push(pair)
  }
  const same = new Set(pairs.flat().map(({ sha256 }) => sha256)).size === 1
  const name = `${detections} detections, rendered`
  return {
    ...inBoth(`${name}, time`, pairs, ({ ms }) => ms),
    ...inBoth(`${name}, processor time`, pairs, ({ processorMs }) => processorMs),
    [`${name}, the bytes`]: same ? 'the same' : 'differ',
  }
}

const inBoth = (name: string, pairs: readonly Rendered[][], of: (one: Rendered) => number): Figures => {
  const [before, after] = [0, 1].map((at) => pairs.flatMap((pair) => pair.slice(at, at + 1).map(of)))
  const ratios = pairs.flatMap(([one, other]) => (one && other ? [of(other) / of(one)] : []))
  return {
    [`${name}, before · after`]: `${ms(median(before ?? []))} · ${ms(median(after ?? []))}`,
    [`${name}, after as times before`]: Number(median(ratios).toFixed(2)),
  }
}

const children = await Promise.all(trees.map(start))
try {
  let figures = machine()
  for (const detections of sizes) figures = { ...figures, ...(await compare(children, detections)) }
  show(figures)
} finally {
  for (const child of children) child.disconnect()
}
