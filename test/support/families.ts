import type { Post } from '../../lambdas/domain/coordination/posts/post.ts'
import { sha256 } from '../../lambdas/domain/core/text/canonical.ts'
import { byRank, normal } from './posts.ts'
/** Made sets of posts, by the habit of their accounts: honest families, and groups that push things together. */
import { randomFrom } from './random.ts'

type Random = () => number

export type MadeSet = { readonly posts: readonly Post[]; readonly groups: readonly (readonly string[])[] }

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000]
const start = Date.UTC(2024, 4, 13)

/** Seconds in the middle of 50 minutes, with a long tail. */
const delayOf = (random: Random, middle = 3_000, spread = 1.5): number =>
  second * middle * Math.exp(spread * normal(random))

const between = (random: Random, least: number, most: number): number => least + random() * (most - least)

const maker = () => {
  const posts: Post[] = []
  const share = (account: string, at: number, repostOf: string, source?: string): void => {
    const known = source === undefined ? {} : { source }
    posts.push({ id: `p${posts.length}`, account, at: Math.round(at), text: '', repostOf, ...known })
  }
  const link = (account: string, at: number, url: string): void =>
    void posts.push({ id: `p${posts.length}`, account, at: Math.round(at), text: '', urls: [url] })
  return { posts, share, link }
}

type World = {
  readonly accounts?: number
  readonly things?: number
  readonly shares?: number
  readonly days?: number
  /** When an account shares a thing that began then. */
  readonly when?: (account: number, begin: number, random: Random) => number
  readonly thingFor?: (account: number, draw: () => number, random: Random) => number
}

/** Accounts that share what they see, each for itself; few of them and few things have most shares. */
const world = (
  random: Random,
  { accounts = 600, things = 600, shares = 6_000, days = 5, ...more }: World = {},
): ReturnType<typeof maker> => {
  const { when = (_, begin) => begin + delayOf(random), thingFor = (_, draw) => draw() } = more
  const made = maker()
  const account = byRank(accounts, 0.6, random)
  const thing = byRank(things, 0.7, random)
  const begins = Array.from({ length: things }, () => start + random() * days * day)
  for (let at = 0; at < shares; at += 1) {
    const who = account()
    const what = thingFor(who, thing, random)
    made.share(`a${who}`, when(who, begins[what] as number, random), `t${what}`)
  }
  return made
}

/** A value for each account, drawn once. */
const each = <Value>(count: number, draw: () => Value): readonly Value[] => Array.from({ length: count }, draw)

const toFullHour = (at: number, random: Random): number => Math.ceil(at / hour) * hour + random() * 20 * second

const someOf = (part: number) => (account: number) => (account * 7_919) % 1_000 < part * 1_000

const schedulers = (part: number) => (random: Random) =>
  world(random, {
    when: (account, begin) =>
      someOf(part)(account) ? toFullHour(begin + delayOf(random), random) : begin + delayOf(random),
  })

const alwaysFast = (part: number) => (random: Random) =>
  world(random, {
    when: (account, begin) => begin + (someOf(part)(account) ? between(random, 2, 60) * second : delayOf(random)),
  })

const fans = (count: number) => (random: Random) => {
  const made = world(random)
  for (let post = 0; post < 80; post += 1) {
    const begin = start + random() * 5 * day
    for (let fan = 0; fan < count; fan += 1) {
      if (random() < 0.7) made.share(`fan${fan}`, begin + delayOf(random, 60, 1), `star${post}`, 'star')
    }
  }
  return made
}

const honest: Readonly<Record<string, (random: Random) => { readonly posts: readonly Post[] }>> = {
  'equal speeds': (random) => world(random),
  'own speeds': (random) => {
    const middles = each(600, () => 3_000 * Math.exp(1.5 * normal(random)))
    return world(random, { when: (account, begin) => begin + delayOf(random, middles[account], 0.5) })
  },
  communities: (random) =>
    world(random, {
      thingFor: (account, draw) => {
        const thing = draw()
        return random() < 0.9 ? thing - (thing % 10) + (account % 10) : thing
      },
    }),
  'day rhythm': (random) => {
    const wakes = each(600, () => random() * day)
    return world(random, {
      when: (account, begin) => {
        const seen = begin + delayOf(random)
        const since = (((seen - (wakes[account] as number)) % day) + day) % day
        return since < 4 * hour ? seen : seen - since + day + random() * 30 * minute
      },
    })
  },
  'schedulers 3 %': schedulers(0.03),
  'schedulers 20 %': schedulers(0.2),
  'always fast 5 %': alwaysFast(0.05),
  'always fast 20 %': alwaysFast(0.2),
  'fans 60': fans(60),
  'fans 400': fans(400),
  'party of five authors': (random) => {
    const made = world(random)
    const eager = each(80, () => between(random, 0.2, 0.8))
    for (let post = 0; post < 100; post += 1) {
      const begin = start + random() * 5 * day
      for (const [activist, keen] of eager.entries()) {
        if (random() < keen)
          made.share(`m${activist}`, begin + delayOf(random, 180, 1), `party${post}`, `author${post % 5}`)
      }
    }
    return made
  },
  newsroom: (random) => {
    const made = world(random)
    for (let article = 0; article < 60; article += 1) {
      const begin = start + random() * 5 * day
      for (let journalist = 0; journalist < 30; journalist += 1) {
        if (random() < 0.7)
          made.link(`j${journalist}`, begin + random() * 90 * second, `https://news.example/${article}`)
      }
    }
    return made
  },
  weather: (random) => {
    const made = world(random)
    for (let turn = 0; turn < 120; turn += 1) {
      for (let station = 0; station < 40; station += 1) {
        if (random() < 0.97)
          made.link(`w${station}`, start + turn * hour + random() * 25 * second, `https://weather.example/${turn}`)
      }
    }
    return made
  },
  'viral 8 × 600': (random) => viral(random, 600),
  'viral 8 × 6,000': (random) => viral(random, 6_000),
  sessions: (random) => {
    const made = maker()
    const things = each(300, () => start + random() * 5 * day).toSorted((a, b) => a - b)
    const bells = each(40, () => start + random() * 5 * day)
    const draw = byRank(30, 0.7, random)
    for (let session = 0; session < 2_500; session += 1) {
      const who = `a${Math.floor(random() * 500)}`
      const bell = bells[Math.floor(random() * bells.length)] as number
      let at = random() < 0.6 ? bell + random() * 5 * minute : start + random() * 5 * day
      const known = things.filter((begin) => begin < at).length
      for (let shared = 0; shared < 2 + random() * 6; shared += 1) {
        const thing = known - 1 - draw()
        at += between(random, 5, 45) * second
        if (thing >= 0) made.share(who, at, `t${thing}`)
      }
    }
    return made
  },
  'follow graph': (random) => {
    const made = maker()
    const popular = byRank(150, 0.6, random)
    const follows = each(600, () => new Set(each(15, popular)))
    const speeds = each(600, () => 1_200 * Math.exp(normal(random)))
    for (let post = 0; post < 900; post += 1) {
      const author = popular()
      const begin = start + random() * 5 * day
      for (const [account, followed] of follows.entries()) {
        if (followed.has(author) && random() < 0.3)
          made.share(`a${account}`, begin + delayOf(random, speeds[account], 1), `t${post}`, `author${author}`)
      }
    }
    return made
  },
  'closed movement of 40': (random) => {
    const made = world(random)
    for (let post = 0; post < 160; post += 1) {
      const begin = start + random() * 5 * day
      const author = Math.floor(random() * 40)
      for (let member = 0; member < 40; member += 1) {
        if (member !== author && random() < 0.6)
          made.share(`m${member}`, begin + delayOf(random, 300, 1), `own${post}`, `m${author}`)
      }
    }
    return made
  },
}

const viral = (random: Random, many: number) => {
  const made = world(random)
  for (let thing = 0; thing < 8; thing += 1) {
    const begin = start + random() * 5 * day
    const taking = new Set(each(many, () => Math.floor(random() ** 1.3 * many * 1.7)))
    for (const account of taking) made.share(`v${account}`, begin + delayOf(random, 900, 1), `viral${thing}`)
  }
  return made
}

type Planted = { readonly accounts: number; readonly pushes: number; readonly of?: string; readonly many?: number }

/** Nine of ten members take part in a push, within 45 seconds; each also shares what others do. */
const planted = (
  made: ReturnType<typeof maker>,
  random: Random,
  { accounts, pushes, of, many = 1 }: Planted,
): MadeSet => {
  const { posts, share } = made
  const others = posts.length
  const groups = each(many, () => 0).map((_, group) => Array.from({ length: accounts }, (__, at) => `g${group}-${at}`))
  for (const [number, group] of groups.entries()) {
    for (let push = 0; push < pushes; push += 1) {
      const begin = start + random() * 5 * day
      for (const account of group) {
        if (random() < 0.9) share(account, begin + random() * 45 * second, `push${number}-${push}`, of)
      }
    }
    for (const account of group) {
      for (let cover = random() * 8; cover > 1; cover -= 1) {
        const other = posts[Math.floor(random() * others)] as Post
        share(account, (other.at as number) + delayOf(random, 1_000, 1), other.repostOf as string, other.source)
      }
    }
  }
  return { posts, groups }
}

const pushing: Readonly<Record<string, (random: Random) => MadeSet>> = {
  '12 × 10': (random) => planted(world(random), random, { accounts: 12, pushes: 10 }),
  '5 × 8': (random) => planted(world(random), random, { accounts: 5, pushes: 8 }),
  '60 × 10': (random) => planted(world(random), random, { accounts: 60, pushes: 10 }),
  '150 × 10': (random) => planted(world(random), random, { accounts: 150, pushes: 10 }),
  '400 × 10': (random) => planted(world(random), random, { accounts: 400, pushes: 10 }),
  '12 × 10 among viral 8 × 600': (random) => planted(viral(random, 600), random, { accounts: 12, pushes: 10 }),
  '12 × 10 of one source': (random) => planted(world(random), random, { accounts: 12, pushes: 10, of: 'master' }),
}

const seeded = (family: string, set: number): Random => randomFrom(sha256(`${family} ${set}`))

export const honestFamilies = Object.keys(honest)
export const pushingFamilies = Object.keys(pushing)

/** The same set each time. */
export const madeSet = (family: string, set: number): MadeSet => {
  const random = seeded(family, set)
  const made = honest[family]?.(random)
  if (made) return { posts: made.posts, groups: [] }
  return (pushing[family] as (random: Random) => MadeSet)(random)
}
