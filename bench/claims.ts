/**
 * In how many made sets `vigie detect` reports a group where none is, and finds the groups planted in others, with 95 %
 * intervals (Wilson). `node bench/claims.ts [sets] [family]`; the same sets each time.
 */
import { findIn, usual } from '../lambdas/domain/coordination/find.ts'
import { honestFamilies, madeSet, pushingFamilies } from '../test/support/families.ts'
import { type Figures, machine, show } from './figures.ts'

const sets = Number(process.argv[2] ?? 200)
const named = process.argv[3]

const parameters = {
  ...usual,
  methods: ['co-sharing'],
  affiliations: {},
} as const

const groupsIn = (family: string, set: number) => {
  const { posts, groups } = madeSet(family, set)
  const steps = findIn(posts, parameters)
  for (let step = steps.next(); ; step = steps.next()) {
    if (!step.done) continue
    const { judged } = step.value.coSharing ?? {}
    if (!judged) throw new Error('not enough to tell')
    const truth = new Set(groups.flat())
    const holds = (accounts: readonly string[]) => truth.intersection(new Set(accounts)).size >= truth.size / 2
    return {
      isFound: truth.size > 0 && judged.groups.some(({ accounts }) => holds(accounts)),
      isAmplified: judged.amplifiers.some(({ accounts }) => truth.size === 0 || holds(accounts)),
      isWrong: judged.groups.some(({ accounts }) => truth.isDisjointFrom(new Set(accounts))),
    }
  }
}

const interval = (part: number, whole: number): string => {
  const [z, p] = [1.96, part / whole]
  const middle = p + z ** 2 / (2 * whole)
  const half = z * Math.sqrt((p * (1 - p)) / whole + z ** 2 / (4 * whole ** 2))
  const bound = (value: number): string => ((100 * value) / (1 + z ** 2 / whole)).toFixed(1)
  return `${part} of ${whole} (${bound(middle - half)} to ${bound(middle + half)} %)`
}

let figures: Figures = machine()
for (const family of [...honestFamilies, ...pushingFamilies]) {
  if (named !== undefined && family !== named) continue
  const before = process.cpuUsage()
  const found = Array.from({ length: sets }, (_, set) => groupsIn(family, set))
  const { user, system } = process.cpuUsage(before)
  const count = (name: keyof (typeof found)[number]) => found.filter((one) => one[name]).length
  const isHonest = honestFamilies.includes(family)
  figures = {
    ...figures,
    [family]: [
      `false group in ${interval(count('isWrong'), sets)}`,
      ...(isHonest ? [] : [`found in ${interval(count('isFound'), sets)}`]),
      `listed as amplifiers in ${count('isAmplified')}`,
      `${((user + system) / 1e6 / sets).toFixed(2)} s of CPU a set`,
    ].join('; '),
  }
}
show(figures)
