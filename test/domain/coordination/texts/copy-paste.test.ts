import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inOrder, type Post } from '../../../../lambdas/domain/coordination/posts/post.ts'
import { copiesIn, leastRatio, ratioOf } from '../../../../lambdas/domain/coordination/texts/copy-paste.ts'
import { normalised } from '../../../../lambdas/domain/coordination/texts/normalise.ts'
import { growthOf, linear } from '../../../support/growth.ts'
import { isShared, shared } from '../../../support/intake.ts'

const copies = (posts: readonly Post[]) => {
  const steps = copiesIn(posts)
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value
}

const posted = (...texts: readonly string[]): readonly Post[] =>
  inOrder(texts.map((text, at) => ({ id: `p${at}`, account: `a${at}`, at: at * 1_000, text })))

describe.skipIf(!isShared)('D3lta’s sample (skipped where ../shared/data is absent)', () => {
  const rows = isShared
    ? parse<Record<string, string>>(readFileSync(shared('coordination/d3lta-matches-sample.csv')), { columns: true })
    : []
  test('its texts are normalised as D3lta did', () => {
    for (const row of rows) {
      expect(normalised(row.text_to_embed_source ?? '')).toBe(row.text_grapheme_source)
      expect(normalised(row.text_to_embed_target ?? '')).toBe(row.text_grapheme_target)
    }
  })
  test('its copied pair gets its figure, and its translations are out of reach', () => {
    const ratio = (row: Record<string, string>) =>
      ratioOf(normalised(row.text_to_embed_source ?? ''), normalised(row.text_to_embed_target ?? ''))
    const copied = rows.filter((row) => row.dup_type === 'copy-pasta')
    expect(copied.map((row) => ratio(row).toFixed(6))).toEqual(['0.761905'])
    const translated = rows.filter((row) => row.dup_type === 'translation')
    expect(translated.length).toBeGreaterThan(0)
    for (const row of translated) expect(ratio(row)).toBeLessThan(leastRatio)
  })
})

test.each([
  ['Élysée : « NON ! » 👮‍♀️', 'elyseenon'],
  ['Voir https://t.co/abc123 et www.site.example/x', 'voiret'],
  ['@nom_1 bonjour @autre', 'bonjour'],
  ['#Kanaky #NC La #police tire #Kanaky #NC', 'lapolicetire'],
  ['#a#b texte fin#tag', 'textefin'],
  ['texte mot# ', 'texte'],
  ['① un ½', 'un½'],
])('%j is compared as %j', (text, compared) => {
  expect(normalised(text)).toBe(compared)
})

test('the ratio is that of the whole distance, also with common beginnings and ends', () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '👮'), maxLength: 40 })
  fc.assert(
    fc.property(part, part, part, part, (start, one, other, end) => {
      const [a, b] = [start + one + end, start + other + end]
      const longer = Math.max(a.length, b.length)
      expect(ratioOf(a, b)).toBe(longer === 0 ? 1 : 1 - editsBetween(a, b) / longer)
    }),
  )
})

/** Levenshtein’s distance, row by row. */
const editsBetween = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (let at = 1; at <= one.length; at += 1) {
    const next = [at]
    for (let to = 1; to <= other.length; to += 1) {
      const changed = (row[to - 1] as number) + (one[at - 1] === other[to - 1] ? 0 : 1)
      next[to] = Math.min(changed, (row[to] as number) + 1, (next[to - 1] as number) + 1)
    }
    row = next
  }
  return row[other.length] as number
}

test.each(['#a', '#a ', 'a#', '# '])('a text of %j alone takes linear time', (part) => {
  expect(growthOf(10_000, (size) => normalised(`${part.repeat(size)}\n x`))).toBeLessThan(linear)
})

const sentence =
  'La police a tiré sur la foule devant le supermarché de Nouméa, partagez avant que ce message ne soit supprimé'

describe('a cluster', () => {
  test('has five posts and three accounts, with its commonest text', () => {
    const texts = [
      sentence,
      sentence,
      `${sentence} !!!`,
      sentence.replace('Nouméa', 'Ducos'),
      sentence.replace('a tiré', 'tire'),
    ]
    const { clusters, compared, pairs } = copies(
      posted(...texts, 'Un tout autre texte, sur un sujet qui n’a rien à voir avec cela'),
    )
    expect(clusters).toMatchObject([{ posts: [0, 1, 2, 3, 4], accounts: 5, exemplar: sentence, byChain: 0 }])
    expect({ compared, pairs }).toEqual({ compared: 6, pairs: 2 })
    expect(copies(posted(...texts.slice(1))).clusters).toEqual([])
    const two = posted(...texts).map((post, at) => ({ ...post, account: at % 2 ? 'a' : 'b' }))
    expect(copies(two).clusters).toEqual([])
  })

  test('does not see a negation', () => {
    const not = sentence.replace('a tiré', "n'a pas tiré")
    expect(copies(posted(sentence, sentence, sentence, not, not)).clusters).toHaveLength(1)
  })

  test('has no reposts, and no greetings', () => {
    const posts = posted(...Array.from({ length: 5 }, () => sentence)).map((post) => ({ ...post, repostOf: 'x' }))
    expect(copies(posts)).toMatchObject({ clusters: [], reposts: 5 })
    expect(copies(posted(...Array.from({ length: 5 }, () => `RT @somebody ${sentence}`)))).toMatchObject({ reposts: 5 })
    expect(copies(posted(...Array.from({ length: 5 }, () => 'Bonjour !')))).toMatchObject({ clusters: [], tooShort: 5 })
  })

  test('of short texts is of the same text alone', () => {
    expect(copies(posted(...Array.from({ length: 5 }, () => 'Vive Kanaky libre'))).clusters).toHaveLength(1)
    expect(copies(posted(...'abcde'.split('').map((letter) => `Vive Kanaky libre ${letter}`))).clusters).toEqual([])
  })

  test('marks those in it by a chain', () => {
    // Each step changes 20 letters of 100; the third text is 40 away from the first.
    const letters = Array.from({ length: 100 }, (_, at) => String.fromCharCode(97 + ((at * 7 + ((at * at) % 11)) % 26)))
    const changed = (count: number) => letters.map((letter, at) => (at < count ? '0' : letter)).join('')
    const { clusters } = copies(posted(changed(0), changed(0), changed(0), changed(20), changed(40)))
    expect(clusters).toMatchObject([{ posts: [0, 1, 2, 3, 4], byChain: 1 }])
  })
})

test('compared with all pairs: none is tied wrongly, and 99 in 100 are tied', () => {
  const words = fc.constantFrom(
    ...'police foule tir nouméa ile peuple liberté colonie état france marche nuit barrage feu'.split(' '),
  )
  const base = fc.array(words, { minLength: 10, maxLength: 25 }).map((list) => list.join(' '))
  const edited = fc.tuple(base, fc.array(fc.tuple(fc.nat(), words), { maxLength: 4 })).map(([text, edits]) => {
    const list = text.split(' ')
    for (const [at, word] of edits) list[at % list.length] = word
    return [text, list.join(' ')] as const
  })
  let [tied, missed] = [0, 0]
  fc.assert(
    fc.property(fc.array(edited, { minLength: 3, maxLength: 12 }), (couples) => {
      const texts = couples.flat()
      // Each text by five accounts, so that each is in a cluster of its own at least.
      const posts = inOrder(
        texts.flatMap((text, at) =>
          Array.from({ length: 5 }, (_, by) => ({ id: `${at}-${by}`, account: `a${by}`, at: at * 10 + by, text })),
        ),
      )
      const clusterOf = new Map<string, number>()
      for (const [number, { posts: members }] of copies(posts).clusters.entries()) {
        for (const at of members) clusterOf.set(posts[at]?.text ?? '', number)
      }
      const component = components(texts)
      for (const [at, text] of texts.entries()) {
        for (const [before, other] of texts.slice(0, at).entries()) {
          const isTied = clusterOf.get(text) === clusterOf.get(other)
          const shouldBe = component[at] === component[before]
          if (isTied) expect(shouldBe).toBe(true)
          if (isTied) tied += 1
          else if (shouldBe) missed += 1
        }
      }
    }),
    { seed: 19, numRuns: 60 },
  )
  expect(tied).toBeGreaterThan(300)
  expect(missed / (tied + missed)).toBeLessThan(0.01)
})

const components = (texts: readonly string[]): readonly number[] => {
  const plain = texts.map(normalised)
  const numbers = plain.map((_, at) => at)
  for (let changed = true; changed;) {
    changed = false
    for (const [a, one] of plain.entries()) {
      for (const [b, other] of plain.entries()) {
        const low = Math.min(numbers[a] ?? 0, numbers[b] ?? 0)
        if ((numbers[a] === low && numbers[b] === low) || likeness(one, other) < leastRatio) continue
        numbers[a] = low
        numbers[b] = low
        changed = true
      }
    }
  }
  return numbers
}

const known = new Map<string, number>()

const likeness = (one: string, other: string): number => {
  const key = `${one}\n${other}`
  const value = known.get(key) ?? 1 - editsBetween(one, other) / Math.max(one.length, other.length)
  known.set(key, value)
  return value
}

test('texts posted at fixed times are listed apart; the same texts at any time are a cluster', () => {
  const text = 'Bulletin météo de la station : vent faible, mer belle, visibilité bonne'
  const posts = (minutes: (turn: number) => number) =>
    inOrder(
      Array.from({ length: 20 }, (_, at) => ({
        ...{ id: `p${at}`, account: `station-${at % 4}`, text: `${text} ${at}` },
        at: Math.round(60_000 * (60 * (at >> 2) + minutes(at)) + 1_000 * (at % 4)),
      })),
    )
  const found = [posts(() => 5), posts((at) => (at * 17) % 53)].map(copies)
  expect(found.map(({ clusters, automatic }) => [clusters.length, automatic.length])).toEqual([
    [0, 1],
    [1, 0],
  ])
})
