/**
 * Posts for tests of coordination: CooRTweet's own, where they are there, and made ones with and without planted gangs.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Post } from '../../lambdas/domain/coordination/posts/post.ts'
import { shared } from './intake.ts'
import { randomFrom } from './random.ts'

const coortweetFile = fileURLToPath(shared('coordination/coortweet-russian-posts.csv'))

/** Read here by other means than Vigie's. */
export const coortweetPosts = (): readonly Post[] =>
  readFileSync(coortweetFile, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [object = '', account = '', id = '', seconds = ''] = line.split(',')
      return { id, account, at: Number(seconds) * 1_000, text: '', object }
    })

type Background = {
  /** Hexadecimal, of 32 digits or more. */
  readonly seed: string
  readonly accounts?: number
  readonly posts?: number
  readonly objects?: number
  /** Over which the objects begin. */
  readonly hours?: number
}

/**
 * Posts without coordination: few accounts and few objects have most of them, as in real data; each share comes after
 * its object's first one by a delay with a long tail.
 */
export const backgroundPosts = ({
  seed,
  accounts = 2_000,
  posts = 8_000,
  objects = 2_000,
  hours = 72,
}: Background): Post[] => {
  const random = randomFrom(seed)
  const skewed = (count: number) => Math.floor(count * random() ** 2.2)
  const begins = Array.from({ length: objects }, () => start + random() * hours * 3_600_000)
  return Array.from({ length: posts }, (_, at): Post => {
    const object = skewed(objects)
    const delay = 900_000 * Math.exp(2.2 * normal(random))
    return {
      id: `post-${at}`,
      account: `account-${skewed(accounts)}`,
      at: Math.round((begins[object] as number) + Math.min(delay, 72 * 3_600_000)),
      text: '',
      repostOf: `object-${object}`,
    }
  })
}

/** Draws 0 to count - 1, each as often as its rank to the power of -exponent says. */
export const byRank = (count: number, exponent: number, random: () => number): (() => number) => {
  let sum = 0
  const upTo = Array.from({ length: count }, (_, at) => {
    sum += (at + 1) ** -exponent
    return sum
  })
  return () => {
    const drawn = random() * sum
    let [low, high] = [0, count - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((upTo[middle] as number) > drawn) high = middle
      else low = middle + 1
    }
    return low
  }
}

type Gang = { readonly accounts: readonly string[]; readonly posts: readonly Post[] }

/**
 * Gangs of 5 to 20 accounts that push 3 to 8 objects each within 10 to 45 seconds; nine of ten members take part in a
 * push.
 */
export const gangs = (count: number, seed: string): readonly Gang[] => {
  const random = randomFrom(seed)
  const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1))
  return Array.from({ length: count }, (_, gang): Gang => {
    const accounts = Array.from({ length: between(5, 20) }, (_, at) => `gang-${gang}-${at}`)
    const within = between(10, 45) * 1_000
    const posts = Array.from({ length: between(3, 8) }, (_, push) => {
      const begin = start + random() * 70 * 3_600_000
      const taking = accounts.filter(() => random() < 0.9)
      return taking.map((account): Post => ({
        id: `gang-${gang}-${push}-${account}`,
        account,
        at: Math.round(begin + random() * within),
        text: '',
        repostOf: `push-${gang}-${push}`,
      }))
    })
    return { accounts, posts: posts.flat() }
  })
}

const start = Date.UTC(2024, 4, 13)

/** From the standard normal distribution (Box and Muller). */
export const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
