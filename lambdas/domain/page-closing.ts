/** The end of a page: sources with their last input, method, version. */
import type { Wording } from './language.ts'
import type { Page } from './page.ts'
import { duration, plain, type Row, wordsOf } from './page-phrases.ts'
import type { Facts, Source } from './report.ts'
import type { Territory } from './territory.ts'

export const sourcesOf = (facts: Facts, territory: Territory, words: Wording): Page['sources'] => ({
  title: words.say('sources'),
  note: words.say('sources.note'),
  none: facts.sources.length === 0 ? words.say('sources.none') : '',
  head: {
    source: words.say('sources.source'),
    last: words.say('sources.last'),
    rhythm: words.say('sources.rhythm'),
    limits: words.say('sources.limits'),
  },
  rows: facts.sources.map((source) => ({
    name: source.name,
    under: sourceUnder(source, words),
    last: source.lastInput ? words.moment(Date.parse(source.lastInput), territory.zone) : words.say('sources.never'),
    rhythm: source.expectedRhythm ? duration(source.expectedRhythm, words) : words.say('sources.unstatedRhythm'),
    limits: source.knownError ? wordsOf(source.knownError, words.language) : { text: words.say('sources.unstated') },
  })),
  withheld: { label: words.say('sources.withheld'), value: words.number(facts.withheld) },
})

const sourceUnder = (source: Source, words: Wording): string =>
  [
    ...(source.byHand ? [words.say('sources.byHand')] : []),
    ...(source.version ? [source.version] : []),
    ...Object.entries(source.thresholds ?? {}).map(
      ([name, value]) => `${name}\u00a0${typeof value === 'number' ? words.number(value) : value}`,
    ),
  ].join(' · ')

export const closingOf = (facts: Facts, words: Wording): readonly Row[] => {
  const hash = words.say('version.fingerprint', { hash: facts.snapshotSha256.slice(0, 16) })
  const version = words.say('version.text', { version: facts.version, cap: facts.cap, hash })
  return [
    { label: words.say('method'), paragraphs: [plain(words.say('method.text'))] },
    {
      label: words.say('version'),
      paragraphs: [plain(facts.reconstructed ? `${version} ${words.say('version.reconstructed')}` : version)],
    },
  ]
}
