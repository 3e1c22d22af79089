/**
 * How much of planted gangs `vigie detect` claims, and how much else, by kind of background; and what it claims where
 * no gang is. `node bench/claims.ts [sets]`; the same sets each time.
 */
import { findIn, usual } from '../lambdas/domain/coordination/find.ts'
import type { Post } from '../lambdas/domain/coordination/posts/post.ts'
import { sha256 } from '../lambdas/domain/core/text/canonical.ts'
import { backgroundPosts, camouflaged, gangs, heavyTailedPosts } from '../test/support/posts.ts'
import { type Figures, machine, show } from './figures.ts'

const sets = Number(process.argv[2] ?? 60)

const backgrounds: Readonly<Record<string, (seed: string) => readonly Post[]>> = {
  'flat, 6,000 shares': (seed) =>
    heavyTailedPosts({ seed, accounts: 600, objects: 1_500, posts: 6_000, days: 5, flat: true }),
  'as in the tests, 8,000': (seed) => backgroundPosts({ seed }),
  'heavy-tailed, 2,500': (seed) => heavyTailedPosts({ seed, accounts: 300, objects: 250, posts: 2_500, days: 3 }),
  'heavy-tailed, 4,000': (seed) => heavyTailedPosts({ seed, accounts: 400, objects: 300, posts: 4_000, days: 3 }),
  'heavy-tailed, 20,000': (seed) => heavyTailedPosts({ seed, accounts: 3_000, objects: 1_500, posts: 20_000, days: 7 }),
}

const parameters = {
  ...usual,
  methods: ['co-sharing'],
  rule: 'own',
  minParticipation: 1,
  affiliations: {},
} as const

const claimsIn = (posts: readonly Post[]) => {
  const steps = findIn(posts, parameters)
  for (let step = steps.next(); ; step = steps.next()) {
    if (!step.done) continue
    const { claims } = step.value.coSharing ?? {}
    if (!claims) throw new Error('not enough to tell')
    return claims
  }
}

const none = { members: 0, right: 0, wrong: 0, falseGroups: 0, falsePairs: 0, setsWithClaim: 0 }

/** 1 to 3 gangs a set, or none. */
const measured = (kind: string, withGangs: boolean) => {
  const sum = { ...none }
  for (let set = 0; set < sets; set += 1) {
    const background = backgrounds[kind]?.(sha256(`claims ${kind} ${set}`)) ?? []
    const planted = gangs(withGangs ? 1 + (set % 3) : 0, sha256(`claims gangs ${kind} ${set}`)).map((gang) =>
      camouflaged(gang, background, sha256(`claims camouflage ${set}`)),
    )
    const { groups, pairs } = claimsIn([...background, ...planted.flatMap(({ posts }) => posts)])
    const truth = new Set(planted.flatMap(({ accounts }) => accounts))
    const claimed = new Set(groups.flatMap(({ accounts }) => accounts))
    sum.members += truth.size
    sum.right += claimed.intersection(truth).size
    sum.wrong += claimed.difference(truth).size
    sum.falseGroups += groups.filter(({ accounts }) => truth.isDisjointFrom(new Set(accounts))).length
    sum.falsePairs += pairs.filter(({ accounts }) => !new Set(accounts).isSubsetOf(truth)).length
    sum.setsWithClaim += groups.length + pairs.length > 0 ? 1 : 0
  }
  return sum
}

const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} %`

let figures: Figures = machine()
for (const kind of Object.keys(backgrounds)) {
  const before = process.cpuUsage()
  const { members, right, wrong, falseGroups, falsePairs } = measured(kind, true)
  const { user, system } = process.cpuUsage(before)
  const { setsWithClaim } = measured(kind, false)
  figures = {
    ...figures,
    [kind]: `recall ${percent(right, members)}, precision ${percent(right, right + wrong)}, ${falseGroups} false groups, ${falsePairs} false pairs; without gangs ${setsWithClaim} of ${sets} claim anything; ${((user + system) / 1e6 / sets).toFixed(3)} s of CPU a set`,
  }
}
show(figures)
