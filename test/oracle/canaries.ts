/**
 * Records that bear a word of their own in every free field of docs/reference/detection.schema.json, so that a new field does
 * too.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

type Schema = {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly format?: string
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly propertyNames?: Schema
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
}

export type Canary = { readonly field: string; readonly word: string }
export type Planted = { readonly record: Readonly<Record<string, unknown>>; readonly canaries: readonly Canary[] }

const schema: Schema = JSON.parse(
  readFileSync(new URL('../../docs/reference/detection.schema.json', import.meta.url), 'utf8'),
)

/**
 * Fields that are not free, or that would make it another record: what a path is given instead; undefined leaves it
 * out.
 */
const given: Readonly<Record<string, unknown>> = {
  revision: undefined,
  'territories.code': 'NC',
  'territories.method': 'explicit',
  'detector.marking': undefined,
  'detector.territories': undefined,
  'observed.from': '2024-05-15',
  'observed.to': '2024-05-15',
  'observed.precision': 'day',
  'counts.byDay.day': '2024-05-15',
  'counts.byInterval.from': '2024-05-15T03:00:00Z',
  'supposedOrigin.zone': 'Asia/Baku',
  'supposedOrigin.holidays.days.day': '2024-05-15',
  // Only such a one has a degree.
  'observedEffect.state': 'observed',
  'observedEffect.confirmed.on': '2024-05-15',
  'breakout.confirmed.on': '2024-05-15',
  marking: 'TLP:RED',
  'actor.links.date': '2024-01',
  'actor.links.source.date': '2024-12-02',
  'actor.links.marking': 'TLP:RED',
  'actor.replies.date': '2024-12',
  'actor.replies.source.date': '2024-12-03',
  'actor.replies.marking': 'TLP:RED',
  'quotes.date': '2024-05-15',
  'quotes.marking': 'TLP:RED',
}

const inEveryWord = 'canary'

const rankOf = ({ type }: Schema): number => (type === 'object' ? 1 : type === 'array' ? 2 : type === 'string' ? 3 : 4)

/** @param mark tells this record's words from another's */
export const planted = (mark: string, said: Readonly<Record<string, unknown>> = {}): Planted => {
  const canaries: Canary[] = []
  const word = (field: string): string => {
    const own = `zq${mark}${inEveryWord}${String(canaries.length).padStart(3, '0')}`
    canaries.push({ field, word: own })
    return own
  }
  const platform = word('platforms')
  const special: Readonly<Record<string, () => unknown>> = {
    platforms: () => [platform],
    'counts.byPlatform.platform': () => platform,
    // A part of the figure of posts, and more than the ten of which a rhythm is drawn.
    'counts.byInterval.posts': () => {
      const number = 3_310_000 + 1_000 * (mark.charCodeAt(0) % 100) + canaries.length
      canaries.push({ field: 'counts.byInterval.posts', word: String(number) })
      return number
    },
    'evidence.url': () => `https://${word('evidence.url')}.example/a`,
    'evidence.archiveUrl': () => `https://${word('evidence.archiveUrl')}.example/a`,
    'actor.links.source.archiveUrl': () => `https://${word('actor.links.source.archiveUrl')}.example/a`,
    'actor.replies.source.archiveUrl': () => `https://${word('actor.replies.source.archiveUrl')}.example/a`,
    'indicators.value': () => `https://${word('indicators.value')}.example/a`,
    'quotes.archiveUrl': () => `https://${word('quotes.archiveUrl')}.example/a`,
    plates: () => {
      const hash = createHash('sha256').update(`${mark}${canaries.length}`).digest('hex')
      canaries.push({ field: 'plates', word: hash })
      return [hash]
    },
    hashtags: () => [`#${word('hashtags')}`],
  }
  const fill = (node: Schema, path: string): unknown => {
    // Only a record by hand confirms.
    if (path.endsWith('.confirmed') && typeof said.detector === 'string') return undefined
    if (path in given) return given[path]
    const own = special[path]
    if (own) return own()
    if (node.enum) return node.enum[0]
    if (node.anyOf) {
      const [first] = node.anyOf.toSorted((one, other) => rankOf(one) - rankOf(other))
      return first && fill(first, path)
    }
    const type = typeof node.type === 'string' ? node.type : node.type?.[0]
    if (type === 'array') return node.items && [fill(node.items, path)]
    if (type === 'object') {
      const entries = Object.entries(node.properties ?? {}).map(([name, inner]) => {
        return [name, fill(inner, path === '' ? name : `${path}.${name}`)] as const
      })
      if (typeof node.additionalProperties !== 'object') return Object.fromEntries(entries)
      const names = node.propertyNames?.pattern?.startsWith('^[a-z]{2,3}') ? ['fr', 'en'] : [word(`${path} (name)`)]
      const inner = node.additionalProperties
      return Object.fromEntries([...entries, ...names.map((name) => [name, fill(inner, path)])])
    }
    if (type === 'boolean') return true
    if (type === 'integer' || type === 'number') {
      if ((node.maximum ?? Number.MAX_SAFE_INTEGER) < 1_000_000) return node.maximum
      const number = 7_310_000 + 1_000 * (mark.charCodeAt(0) % 100) + canaries.length
      canaries.push({ field: path, word: String(number) })
      return number
    }
    if (node.format === 'duration') return 'PT6H'
    if (node.pattern?.startsWith('^[a-z]{2,3}')) return 'fr'
    if (node.pattern)
      throw new Error(`${path} has a pattern that the canaries do not know: say in canaries.ts what it takes`)
    return word(path)
  }
  const record = { ...(fill(schema, '') as Record<string, unknown>), ...said }
  // What was said instead took the place of words that are now nowhere.
  const text = JSON.stringify(record)
  return { record, canaries: canaries.filter(({ word }) => text.includes(word)) }
}

/** A text as it is searched: in lower case, digits without what groups them. */
export const searchable = (text: string): string => text.toLowerCase().replaceAll(/(?<=\d)[\s,.](?=\d{3})/g, '')

/** The fields whose words stand in a text. */
export const sightedIn = (text: string, planted: readonly Planted[]): readonly string[] => {
  const searched = searchable(text)
  // Most texts have none of the words, which are hundreds: what all of them hold is looked for first.
  const hasWords = searched.includes(inEveryWord)
  const isThere = (word: string) => (hasWords || !word.includes(inEveryWord)) && searched.includes(word)
  return planted.flatMap(({ record, canaries }) =>
    canaries.flatMap(({ field, word }) => (isThere(word) ? [`${field} (${word}) of ${record.id}`] : [])),
  )
}
