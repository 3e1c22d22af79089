/** The size of every function's code, and how long it takes to be imported beside AWS's DynamoDB client alone. */
import { statSync } from 'node:fs'
import { bundleBudgets, functionOf, importTimes, referenceBundle } from '../test/support/import-time.ts'
import { synthesise } from '../test/support/stack-here.ts'
import { type Figures, inThousands, ms } from './figures.ts'

/** The parts of a stack that have functions, all of them. */
const everything = { mail: { from: 'vigie@example.org' }, api: {}, room: {} }

export const bundles = async (home: string): Promise<Figures> => {
  const assembly = await synthesise(home, everything)
  const importable = Object.keys(bundleBudgets).map((name) => functionOf(assembly, name))
  const times = importTimes(importable, await referenceBundle(home))
  return Object.fromEntries(
    importable.flatMap(({ name, file }, at) => [
      [`${name}, code`, `${inThousands(statSync(file).size / 1000)} KB`],
      [`${name}, import, processor time`, ms(times[at]?.ms ?? Number.NaN)],
      [`${name}, import, as times the DynamoDB client's`, Number(times[at]?.ratio.toFixed(2))],
      [`${name}, the same, its budget`, bundleBudgets[name as keyof typeof bundleBudgets].ratio],
    ]),
  )
}
