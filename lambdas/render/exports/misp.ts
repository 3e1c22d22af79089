/** `report.misp.json`: a report as a MISP event, which a later version updates. The same report gives the same bytes. */
import { fitsUnder, type Marking, strictest } from '../../domain/core/marking.ts'
import { subjectOf, territoryOf } from '../../domain/core/place/territory.ts'
import { refang } from '../../domain/core/text/defang.ts'
import { textIn } from '../../domain/core/text/localised.ts'
import { techniqueName } from '../../domain/detection/frameworks/disarm-built-in.ts'
import { frameworkOf } from '../../domain/detection/frameworks/disarm.ts'
import type { Report } from '../../domain/page/page.ts'
import { exchangedOf, mispComment, type MispWords, mispTag } from '../../domain/report/exchange.ts'
import type { Entry } from '../../domain/report/facts.ts'
import { describedBoth } from './described.ts'
import { markdownOf } from './misp-markdown.ts'
import { firstInstant, lastInstant, makerOf, namespace, observableOf, referencesOf, uuidV5 } from './stix.ts'

type Part = Readonly<Record<string, unknown>>

type Value = readonly [relation: string, type: string, value: string, more?: Part]

/** Name, uuid, version and category of MISP's object templates (misp-objects, June 2026). */
const templates = {
  report: ['70a68471-df22-4e3f-aa1a-5a3be19f82df', '8', 'misc'],
  narrative: ['83bea299-514a-4719-a84b-f6fd0997fac1', '4', 'misc'],
  microblog: ['8ec8c911-ddbe-4f5b-895b-fbff70c42a60', '20', 'misc'],
  'user-account': ['49606b06-22f0-4ac8-8eee-2f12ad46f3d3', '6', 'misc'],
} as const

type Template = keyof typeof templates

const categories: Readonly<Record<string, string>> = {
  ...{ url: 'Network activity', domain: 'Network activity', 'ip-dst': 'Network activity', email: 'Social network' },
  ...{ md5: 'Payload delivery', sha1: 'Payload delivery', sha256: 'Payload delivery', sha512: 'Payload delivery' },
  ...{ link: 'External analysis', 'target-location': 'Targeting data', text: 'Other' },
}

const isIndicator = /^(?:url|domain|ip-dst|email|md5|sha\d+)$/

/** In UTF-16 units: MISP keeps 65,535 bytes of a value. */
const maxWords = 20_000

export const mispEvent = (report: Report): { readonly Event: Part } => {
  const edition = report.id.slice(0, report.id.lastIndexOf('/'))
  const idOf = (name: string): string => uuidV5(`misp ${edition} ${name}`, namespace)
  const { marking, asOf } = report
  const timestamp = String(Math.floor(Date.parse(asOf) / 1000))
  const common = { distribution: '5', timestamp, deleted: false }
  const tagsOf = (own: Marking): readonly string[] => (own === marking ? [] : [mispTag(own)])

  const attribute = (name: string, type: string, value: string, tags: readonly string[], more: Part = {}): Part => ({
    ...{ uuid: idOf(name), type, category: categories[type], value, ...common },
    // An analyst decides what to block: sources that were copied are among the indicators.
    ...{ to_ids: false, disable_correlation: !isIndicator.test(type), ...more },
    ...(tags.length > 0 && { Tag: tagged(tags) }),
  })

  const object = (template: Template, name: string, values: readonly Value[], own: Marking, more: Part): Part => {
    const [uuid, version, category] = templates[template]
    const ordinal = (at: number) => values.slice(0, at).filter(([relation]) => relation === values[at]?.[0]).length
    return {
      ...{ uuid: idOf(name), name: template, 'meta-category': category, description: template },
      ...{ template_uuid: uuid, template_version: version, ...common, ...more },
      Attribute: values.map(([relation, type, value, { tags = [], ...rest } = {}], at) =>
        attribute(`${name} ${relation} ${ordinal(at)}`, type, value, [...tagsOf(own), ...(tags as readonly string[])], {
          ...{ object_relation: relation, ...rest },
        }),
      ),
    }
  }

  /** Makes one of each, which names the detections of the least strict marking that have it. */
  const shared = new Map<string, { readonly marking: Marking; readonly ids: string[]; make: Make }>()
  const share = (key: string, { id, marking: own }: Entry, make: Make): void => {
    const known = shared.get(key)
    if (known?.marking === own) known.ids.push(id)
    else if (!known || fitsUnder(own, known.marking)) shared.set(key, { marking: own, ids: [id], make })
  }
  const shareAttribute = (type: string, value: string, entry: Entry): void =>
    share(`attribute ${type} ${value}`, entry, (name, own, comment) =>
      attribute(name, type, value, tagsOf(own), { comment }),
    )
  const shareObject = (template: Template, entry: Entry, ...values: readonly Value[]): void =>
    share(`object ${template} ${values[0]?.[2]}`, entry, (name, own, comment) =>
      object(template, name, values, own, { comment }),
    )

  /** Words of Vigie, from which ingestion rebuilds the detections. */
  const wordsOf = (what: MispWords['what'], about: string, words: object, own: Marking): readonly Part[] => {
    const text = JSON.stringify(words)
    const pieces = text.match(new RegExp(`[^]{1,${maxWords}}`, 'g')) ?? []
    return pieces.map((piece, at) =>
      // As a JSON text, since MISP trims values.
      attribute(`${what} ${about} ${at}`, 'text', JSON.stringify(piece), [mispTag(own)], {
        ...{ category: 'Internal reference', comment: mispComment({ what, about, at, of: pieces.length }) },
      }),
    )
  }

  const entries = listedIn(report)
  const own = entries.flatMap((entry) => {
    const { id, actor, territories, indicators, narratives } = entry
    const words = exchangedOf(entry, indicators)
    const { members } = subjectOf(report.territory.code)
    for (const { code } of territories)
      if (members.includes(code)) shareAttribute('target-location', territoryOf(code).name.en, entry)
    for (const { type, value } of indicators) {
      const plain = refang(value)
      if (type === 'account')
        shareObject('user-account', entry, ['username', 'text', plain, { disable_correlation: false }])
      else shareAttribute(...attributeOf(type, plain, value), entry)
    }
    for (const texts of narratives)
      shareObject('narrative', entry, ['narrative-summary', 'text', textIn(texts, 'en').text])
    for (const { text, language } of (words.quotes ?? []) as NonNullable<Entry['quotes']>)
      shareObject('microblog', entry, ['post', 'text', text], ['language', 'text', language])
    const chain = [
      ...(actor?.links ?? []).map((link) => ({ detection: id, link })),
      ...(actor?.replies ?? []).map((reply) => ({ detection: id, reply })),
    ]
    return [
      ...wordsOf('detection', id, words, entry.marking),
      ...chain.flatMap((one, at) => {
        const { marking: stated = entry.marking } = 'link' in one ? one.link : one.reply
        return wordsOf('attribution', `${at} ${id}`, { ...one, at }, strictest([entry.marking, stated]))
      }),
    ]
  })
  const made = [...shared].map(([name, { marking: least, ids, make }]) => make(name, least, ids.toSorted().join(', ')))
  const detections = entries.map((entry) =>
    object('report', `detection of ${entry.id}`, valuesOf(entry), entry.marking, {
      ...{ comment: entry.id, first_seen: firstInstant(entry), last_seen: lastInstant(entry) },
    }),
  )
  const { id, territory, period, cap, version, reconstructed, snapshotSha256, totals, withheld } = report
  const facts = { id, territory, period, cap, version, asOf, reconstructed, snapshotSha256, totals, withheld, marking }
  const about = { ...facts, detections: entries.map((entry) => entry.id) }
  const clusters = clustersOf(entries)
  const maker = makerOf(report)
  const info = report.pages.en.documentTitle
  return {
    Event: {
      ...{ uuid: idOf('event'), info, date: period.first, timestamp },
      ...{ threat_level_id: '4', analysis: '2', published: false },
      distribution: { 'TLP:CLEAR': '3', 'TLP:GREEN': '1' }[marking as string] ?? '0',
      Orgc: { name: maker.name, uuid: maker.uuid },
      Tag: tagged([mispTag(marking), ...clusters.map(({ tag_name: tag }) => tag)]),
      Galaxy: clusters.length > 0 ? [{ ...disarmGalaxy, GalaxyCluster: clusters }] : [],
      Attribute: [...wordsOf('report', id, about, marking), ...own, ...made.filter((one) => !('Attribute' in one))],
      Object: [...detections, ...made.filter((one) => 'Attribute' in one)],
      EventReport: [{ uuid: idOf('markdown'), name: info, content: markdownOf(report, entries), ...common }],
    },
  }
}

type Make = (name: string, own: Marking, comment: string) => Part

const tagged = (names: readonly string[]) => [...new Set(names)].map((name) => ({ name }))

/** Each listed detection once, a part after its whole. */
const listedIn = ({ manoeuvres, ongoing, undatedHere }: Report): readonly Entry[] => [
  ...new Map(
    [...manoeuvres, ...ongoing, ...undatedHere].flatMap((entry) =>
      [entry, ...entry.parts].map((one) => [one.id, one] as const),
    ),
  ).values(),
]

const kinds: Readonly<Record<string, string>> = {
  ...{ url: 'url', 'domain-name': 'domain', 'ipv4-addr': 'ip-dst', 'ipv6-addr': 'ip-dst', 'email-addr': 'email' },
  ...{ 32: 'md5', 40: 'sha1', 64: 'sha256', 128: 'sha512' },
}

const attributeOf = (type: string, plain: string, shown: string): [type: string, value: string] => {
  const isHash = type === 'hash' && /^[\da-f]+$/i.test(plain)
  const kind = kinds[isHash ? plain.length : (observableOf(type, plain)?.type ?? '')]
  return kind === undefined ? ['text', shown] : [kind, plain]
}

/** MISP has no tags of objects: those of a detection are at its title. */
const valuesOf = (entry: Entry): readonly Value[] => {
  const { title, summary, reliability, credibility } = entry
  const { external_references: references = [] } = referencesOf(entry)
  const inEach = (texts: Entry['title']) => new Set(['en', 'fr'].map((language) => textIn(texts, language).text))
  const tags = [
    ...(reliability ? [`admiralty-scale:source-reliability="${reliability.toLowerCase()}"`] : []),
    ...(credibility ? [`admiralty-scale:information-credibility="${credibility}"`] : []),
    ...clustersOf([entry]).map(({ tag_name: tag }) => tag),
  ]
  return [
    ...[...inEach(title)].map((text, at): Value => ['title', 'text', text, at === 0 ? { tags } : {}]),
    ['summary', 'text', describedBoth(entry)],
    ...[...(summary ? inEach(summary) : [])].map((text): Value => ['summary', 'text', text]),
    ['case-number', 'text', entry.id],
    ['type', 'text', 'Incident'],
    ...references.flatMap(({ url, source_name: comment }): readonly Value[] =>
      url === undefined ? [] : [['link', 'link', url, { comment }]],
    ),
  ]
}

/** The namespace by which DISARM's galaxy of MISP derives its uuids. */
const disarmNamespace = '9d6bd9d2-2cd3-4900-b61a-06cd64df3996'

const disarmGalaxy = {
  uuid: uuidV5('disarm-galaxy-techniques', disarmNamespace),
  ...{ name: 'Techniques', type: 'disarm-techniques', version: '1', namespace: 'disarm' },
  description: 'DISARM is a framework designed for describing and understanding disinformation incidents.',
}

const clustersOf = (entries: readonly Entry[]) => {
  const used = entries.flatMap(({ techniques }) => techniques).filter((one) => frameworkOf(one) === 'DISARM')
  return [...new Map(used.map((one) => [one.id, one])).values()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((one) => {
      const value = techniqueName(one).replaceAll('"', '’')
      return {
        ...{ uuid: uuidV5(one.id, disarmNamespace), type: disarmGalaxy.type, value, authors: ['DISARM Project'] },
        ...{ tag_name: `misp-galaxy:${disarmGalaxy.type}="${value}"`, description: value },
        ...{ source: 'https://github.com/DISARMFoundation/DISARMframeworks', meta: { external_id: [one.id] } },
      }
    })
}
