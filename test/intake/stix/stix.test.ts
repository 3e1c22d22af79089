/** STIX intake: the traps of real bundles on small ones, and exact facts of VIGINUM's. */
import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { territoryGroups } from '../../../lambdas/domain/core/place/territory.ts'
import { parseObserved } from '../../../lambdas/domain/core/time/observed.ts'
import type { Detection } from '../../../lambdas/domain/detection/detection.ts'
import { assignTerritories } from '../../../lambdas/domain/detection/names/territory-rules.ts'
import { pseudonymOf } from '../../../lambdas/domain/detection/revisions/pseudonym.ts'
import { vigieExtension } from '../../../lambdas/domain/report/exchange.ts'
import { FileError } from '../../../lambdas/intake/record/file-error.ts'
import type { IntakeOptions, Reject } from '../../../lambdas/intake/record/record.ts'
import { readStix } from '../../../lambdas/intake/stix/stix.ts'
import { input } from '../../support/detections.ts'
import { isShared, shared } from '../../support/intake.ts'
import {
  type Built,
  bundle,
  campaign,
  marked,
  noticed,
  relation,
  report,
  stixId,
  stixObject,
  technique,
  tlp,
} from '../../support/stix.ts'

const file = 'bundle.stix.json'
const byHand = { observed: parseObserved('2023-09..2024-02') }

const read = (text: string, options: Partial<IntakeOptions> = {}) => {
  const { records, noted: notes } = readStix(text, { file, ...options })
  const { used, unused, noted } = noticed(notes)
  const detections = records.flatMap((record) => ('detection' in record ? [record.detection] : []))
  const rejects = records.flatMap((record) => ('reject' in record ? [record.reject] : []))
  return { detections, rejects, noted, used, unused }
}
const only = (text: string, options: Partial<IntakeOptions> = {}): Detection => {
  const { detections, rejects } = read(text, options)
  expect(rejects).toEqual([])
  expect(detections).toHaveLength(1)
  return detections[0] as Detection
}
const onlyReject = (text: string, options: Partial<IntakeOptions> = {}): Reject => {
  const { detections, rejects } = read(text, options)
  expect(detections).toEqual([])
  return rejects[0] as Reject
}
const codes = ({ territories }: Detection) => territories.map(({ code }) => code)
const overseas = territoryGroups.find(({ id }) => id === 'overseas')?.members ?? []
const place = (name: string, fields: Record<string, unknown> = {}) => stixObject('location', name, fields)
const aimedAt = (...places: readonly Built[]) => {
  const one = campaign('Aimed')
  return bundle(one, ...places, ...places.map((where) => relation(one, 'targets', where)))
}

describe('the traps of real bundles', () => {
  test('trap 1: takes no time of observation from the date of a report', () => {
    const one = campaign('Undated', { first_seen: undefined, last_seen: undefined })
    const text = bundle(one, report('Report', [one], { published: '2024-03-27T09:48:32.000Z' }))
    const reject = onlyReject(text)
    expect(reject).toMatchObject({ file, id: one.id, path: 'observed' })
    expect(reject.message).toBe(
      'this campaign has no observation time: the dates in the file are dates of data entry; state it with --observed FROM..TO, as in --observed 2023-09..2024-02',
    )
    expect(JSON.parse(reject.raw)).toMatchObject({ id: one.id, name: 'Undated' })
    expect(reject.bytes).toBe(Buffer.byteLength(reject.raw))
    expect(only(text, byHand).observed).toEqual({
      from: '2023-09',
      to: '2024-02',
      precision: 'month',
      statedByHand: true,
    })
  })

  test.each([
    ['that stops when it starts', '2024-03-26T23:00:00.000Z', '2024-03-26T23:00:00.000Z', '2024-03-29T00:00:00.000Z'],
    ['that starts when it was created', '2024-03-26T23:00:00.000Z', undefined, '2024-03-26T23:02:00.000Z'],
    ['of one minute', '2024-03-26T23:00:00.000Z', '2024-03-26T23:01:00.000Z', '2024-03-26T23:01:05.000Z'],
  ])('trap 2: takes the dates of a relation %s for those of data entry', (_, start, stop, created) => {
    const one = campaign('Undated', { first_seen: undefined, last_seen: undefined })
    const corsica = place('Corsica')
    const aims = relation(one, 'targets', corsica, { start_time: start, stop_time: stop, created })
    const { path, message } = onlyReject(bundle(one, corsica, aims))
    expect(path).toBe('observed')
    expect(message).toContain('its relations are dated 2024-03-26 to 2024-03-26, when they were entered')
  })

  test('dates a campaign by relations that start before they stop, or do not stop, and says so', () => {
    const one = campaign('Dated', {
      first_seen: undefined,
      last_seen: undefined,
      created_by_ref: stixId('identity', 'Unit'),
    })
    const [corsica, abroad] = [place('Corsica'), place('Ireland')]
    const [author, other] = [
      stixObject('identity', 'Unit'),
      campaign('Other', { first_seen: undefined, last_seen: undefined }),
    ]
    const account = stixObject('channel', 'Account', { name: 'x.com/beacon' })
    const text = bundle(
      ...[one, corsica, abroad],
      relation(one, 'targets', corsica, { start_time: '2023-09-01T00:00:00Z' }),
      relation(one, 'targets', abroad, { start_time: '2023-10-01T00:00:00Z', stop_time: '2024-04-15T00:00:00Z' }),
      ...[author, account, other, relation(one, 'uses', account)],
      relation(author, 'located-at', abroad, { start_time: '2009-01-01T00:00:00Z' }),
      relation(other, 'uses', account, { start_time: '2010-01-01T00:00:00Z' }),
    )
    expect(only(text).observed).toEqual({ from: '2023-09-01', to: '2024-04-15', precision: 'day' })
    expect(readStix(text, { file }).records).toMatchObject([
      { doubts: [{ fault: { code: 'stix.datedByRelations', values: { count: 2 } } }] },
    ])
    expect(only(text, byHand).observed).toMatchObject({ from: '2023-09-01' })
  })

  test('trap 3: takes a confidence of 75 or 100 nearly everywhere for the platform’s default', () => {
    const confident = (score: number, others: readonly number[]) =>
      only(
        bundle(
          campaign('Scored', { confidence: score }),
          ...others.map((confidence, index) => stixObject('identity', `Identity ${index}`, { confidence })),
        ),
      ).confidence
    expect(confident(100, [100, 100, 40])).toEqual({ score: 100, platformDefault: true })
    expect(confident(75, [75, 0])).toEqual({ score: 75, platformDefault: true })
    expect(confident(100, [40, 60, 80])).toEqual({ score: 100 })
    expect(confident(60, [100, 100])).toEqual({ score: 60 })
    expect(confident(60, [60, 60])).toEqual({ score: 60 })
  })

  test('trap 4: gives an unmarked campaign the marking of its report', () => {
    const one = campaign('Unmarked')
    const corsica = place('Corsica')
    const aims = relation(one, 'targets', corsica)
    const text = bundle(one, corsica, aims, report('Report', [one, corsica, aims], marked(tlp.white)))
    expect(only(text)).toMatchObject({
      marking: 'TLP:CLEAR',
      markingSource: 'container',
      territories: [{ code: 'COR' }],
    })
  })

  test('trap 5: reads TLP 1’s WHITE id as TLP:CLEAR, with or without its definition', () => {
    const named = { ...stixObject('marking-definition', 'TLP:CLEAR', { definition: { tlp: 'clear' } }), id: tlp.white }
    expect(only(bundle(campaign('White', marked(tlp.white))))).toMatchObject({
      marking: 'TLP:CLEAR',
      markingSource: 'stated',
    })
    expect(only(bundle(campaign('White', marked(tlp.white)), named)).marking).toBe('TLP:CLEAR')
  })

  test('trap 6: notes dangling references and placeholders, and finds hashtags in address fields', () => {
    const one = campaign('Messy')
    const contents = [
      stixObject('media-content', 'tag', { url: '#Decolonization' }),
      stixObject('media-content', 'tags', { url: 'à remplir', title: '#Kanaky #NouvelleCalédonie' }),
      stixObject('text', '#Corsica'),
      stixObject('text', 'A note that is no hashtag #Corse'),
      stixObject('media-content', 'placeholder', { url: 'àremplir' }),
      stixObject('media-content', 'copy', { title: 'https://example.org/post/1', url: 'https://perma.cc/AAAA-0001' }),
      stixObject('url', 'https://evil.example/page'),
      stixObject('url', 'evil.example'),
      stixObject('url', 'hxxps[:]//evil[.]example/2'),
      stixObject('domain-name', 'other.example'),
      stixObject('ipv4-addr', '192.0.2.7'),
      stixObject('email-addr', 'a@evil.example'),
    ]
    const links = contents.map((content) => relation(one, 'related-to', content))
    const gone = { ...stixObject('channel', 'Gone') }
    const all = [one, ...contents, ...links, relation(one, 'uses', gone)]
    const text = bundle(...all, report('Report', [...all, stixObject('identity', 'Gone too')]))
    expect(only(text)).toMatchObject({
      hashtags: ['#Corsica', '#Decolonization', '#Kanaky', '#NouvelleCalédonie'],
      indicators: [
        { type: 'domain', value: 'evil.example' },
        { type: 'domain', value: 'other.example' },
        { type: 'email', value: 'a@evil.example' },
        { type: 'ip', value: '192.0.2.7' },
        { type: 'url', value: 'https://evil.example/page' },
        { type: 'url', value: 'hxxps[:]//evil[.]example/2' },
      ],
    })
    expect(only(text).evidence).toContainEqual({
      label: { und: 'https://example.org/post/1' },
      url: 'https://example.org/post/1',
      archiveUrl: 'https://perma.cc/AAAA-0001',
    })
    expect(read(text).noted).toEqual({ 'dangling reference': 2, 'placeholder address': 1 })
  })

  test('trap 8: reads “French overseas territories” as a group, “Corsica” as a territory', () => {
    const found = only(aimedAt(place('French overseas territories'), place('Corsica')))
    expect(codes(found)).toEqual([...overseas, 'COR'].sort())
    expect(found.territories.find(({ code }) => code === 'COR')).toEqual({ code: 'COR', method: 'explicit' })
    expect(found.territories.find(({ code }) => code === 'NC')).toEqual({
      code: 'NC',
      method: 'group',
      via: 'French overseas territories',
    })
  })

  test('trap 9: takes no territory from the suffix of a domain', () => {
    const one = campaign('Squatting')
    const domains = ['lefigaro.re', 'journal.wf', 'news.pm', 'presse.nc', 'tv.yt'].map((name) =>
      stixObject('domain-name', name),
    )
    const text = bundle(one, ...domains, ...domains.map((domain) => relation(one, 'uses', domain)))
    const found = only(text)
    expect(found.indicators).toHaveLength(5)
    expect(assignTerritories()(found).territories).toEqual([])
  })

  test('trap 10: reads “Polynesia” as a region of the UN, and “Guyana” as French next to French territories only', () => {
    const both = read(aimedAt(place('Polynesia', { region: 'polynesia' }), place('Guyana')))
    expect(both.detections[0]?.territories).toEqual([])
    expect(both.noted).toEqual({ 'place outside the territories': 1 })
    expect(codes(only(aimedAt(place('Polynesia', { country: 'PF' }))))).toEqual(['PF'])
    expect(only(aimedAt(place('Guyana'), place('Martinique'))).territories).toEqual([
      { code: 'GF', method: 'explicit', via: 'Guyana' },
      { code: 'MQ', method: 'explicit' },
    ])
    expect(codes(only(aimedAt(place('Guyana', { country: 'GY' }), place('Martinique'))))).toEqual(['MQ'])
  })
})

describe('places', () => {
  test('take the territory of a targeted town, and never the seat of an actor', () => {
    const one = campaign('Placed')
    const [actor, seat, home] = [stixObject('threat-actor', 'Actor'), place('Martinique'), place('Guadeloupe')]
    const [town, territory] = [place('Nouméa'), place('New Caledonia')]
    const [victim, ville] = [stixObject('identity', 'Assemblée'), place('Corsica')]
    const text = bundle(
      ...[one, actor, seat, home, town, territory, victim, ville],
      relation(one, 'attributed-to', actor),
      relation(actor, 'located-at', seat),
      relation(one, 'related-to', seat),
      relation(one, 'originates-from', home),
      relation(one, 'targets', town),
      relation(town, 'located-at', territory),
      relation(one, 'targets', victim),
      relation(victim, 'located-at', ville),
    )
    expect(only(text).territories).toEqual([
      { code: 'COR', method: 'explicit', via: 'Assemblée' },
      { code: 'NC', method: 'explicit', via: 'Nouméa' },
    ])
    expect(read(text).noted).toEqual({})
  })

  test('take the territory of a town from the gazetteer, unless the source places it elsewhere', () => {
    const [one, town, elsewhere] = [campaign('Aimed'), place('Papeete'), place('Samoa')]
    expect(only(aimedAt(town)).territories).toEqual([{ code: 'PF', method: 'gazetteer', via: 'Papeete' }])
    const text = bundle(one, town, elsewhere, relation(one, 'targets', town), relation(town, 'located-at', elsewhere))
    expect(only(text).territories).toEqual([])
    expect(read(text).noted).toEqual({ 'place outside the territories': 1 })
  })

  test('take what the analyst states where the file names no territory', () => {
    expect(only(bundle(campaign('Nowhere')), { territories: ['NC'] }).territories).toEqual([
      { code: 'NC', method: 'analyst' },
    ])
    expect(codes(only(aimedAt(place('Corsica')), { territories: ['NC'] }))).toEqual(['COR'])
    expect(only(bundle(campaign('Nowhere'))).territories).toEqual([])
  })
})

const partOf = (whole: Built): readonly Built[] => {
  const part = stixObject('incident', 'Part')
  return [part, relation(part, 'attributed-to', whole)]
}

describe('a campaign', () => {
  const one = campaign('Gathering', { description: 'What it did.', lang: 'fr' })
  const author = stixObject('identity', 'Unit', { x_opencti_reliability: 'C - Fairly reliable' })

  test('has accounts, narratives, techniques, actors and their source', () => {
    const channel = stixObject('channel', 'More than 1,200 X accounts', { channel_types: ['Twitter', 'facebook'] })
    const narrative = stixObject('narrative', 'A narrative')
    const copying = technique('T0084.001', 'Use Copypasta')
    const attack = technique('TA0043', 'No technique of DISARM')
    const group = stixObject('intrusion-set', 'Group')
    const state = stixObject('threat-actor', 'State')
    const rumoured = stixObject('threat-actor', 'Rumoured')
    const held = [one, channel, narrative, copying, attack, group, state, rumoured]
    const links = [
      relation(one, 'uses', channel),
      relation(one, 'uses', narrative),
      relation(one, 'uses', copying),
      relation(one, 'uses', attack),
      relation(one, 'attributed-to', group),
      relation(group, 'attributed-to', state),
      relation(one, 'related-to', rumoured),
    ]
    const text = bundle(author, ...held, ...links, report('Report', [...held, ...links], { created_by_ref: author.id }))
    expect(only(text)).toMatchObject({
      id: one.id,
      detector: { name: 'Unit' },
      kind: 'campaign',
      title: { fr: 'Gathering' },
      summary: { fr: 'What it did.' },
      campaign: 'Gathering',
      observed: { from: '2023-09-04T06:30:00.000Z', to: '2024-02-10T18:00:00.000Z', precision: 'instant' },
      platforms: ['Twitter', 'facebook'], // as written: the alias table comes later
      accountSet: {
        id: channel.id,
        name: { en: 'More than 1,200 X accounts' },
        size: { value: 1200, qualifier: 'at least' },
      },
      narratives: [{ en: 'A narrative' }],
      techniques: [{ id: 'T0084.001', name: { en: 'Use Copypasta' }, framework: 'DISARM' }],
      actor: { name: 'State', attributedBy: 'Unit' },
      modusOperandi: { name: { en: 'Group' }, attributedBy: 'Unit' },
      reliability: 'C',
      marking: 'TLP:AMBER',
      markingSource: 'default',
    })
    expect(read(text).unused).toEqual({ 'attack-pattern': 1, relationship: 2, 'threat-actor': 1 })
  })

  test('has a modus operandi, and no actor, where its attributions end at an intrusion set', () => {
    const set = stixObject('intrusion-set', 'Creation and use of a web infrastructure')
    const known = only(bundle(author, one, set, relation(one, 'attributed-to', set)))
    expect(known).not.toHaveProperty('actor')
    expect(known.modusOperandi).toEqual({
      name: { en: 'Creation and use of a web infrastructure' },
      attributedBy: { en: 'a source that the bundle does not name', fr: 'une source que son fichier ne nomme pas' },
    })
  })

  test.each([
    [
      'the author of the report',
      { by: 'report', name: 'Unit' },
      [report('Report', [one], { created_by_ref: author.id })],
    ],
    ['the stated publisher', { by: 'stated', name: 'VIGINUM' }, []],
  ])('names %s as the source of its attribution, and says which', (_, { by, name }, reports) => {
    const actor = stixObject('threat-actor', 'State')
    const text = bundle(author, one, actor, relation(one, 'attributed-to', actor), ...reports)
    const [record] = readStix(text, { file, publisher: 'VIGINUM' }).records
    expect(record).toMatchObject({
      detection: { detector: { name }, actor: { attributedBy: name } },
      doubts: [{ fault: { code: 'stix.attributedBy', values: { by, name: { quoted: name } } } }],
    })
  })

  test('has the threat actor behind intrusion sets', () => {
    const [near, far] = [stixObject('intrusion-set', 'Near'), stixObject('intrusion-set', 'Far')]
    const state = stixObject('threat-actor', 'State')
    const links = [
      relation(one, 'attributed-to', near),
      relation(near, 'attributed-to', far),
      relation(far, 'attributed-to', state),
    ]
    expect(only(bundle(one, near, far, state, ...links))).toMatchObject({
      actor: { name: 'State' },
      modusOperandi: { name: { en: 'Far / Near' } },
    })
  })

  test('has a link for a relationship between actors that gives a reason, in its author’s name, without a basis', () => {
    const [near, behind] = [
      stixObject('threat-actor', 'Group'),
      stixObject('threat-actor', 'State', { threat_actor_types: ['nation-state'] }),
    ]
    const unit = stixObject('identity', 'Unit', { identity_class: 'organization' })
    const stated = {
      description: 'One server.',
      created_by_ref: unit.id,
      external_references: [{ source_name: 'A report' }],
    }
    const actorOf = (fields: object) =>
      only(
        bundle(
          one,
          near,
          behind,
          unit,
          relation(one, 'attributed-to', near),
          relation(near, 'attributed-to', behind, { ...fields }),
        ),
      ).actor
    expect(actorOf({ ...stated, confidence: 60 })?.links).toEqual([
      {
        from: { name: { en: 'Group' }, kind: 'group' },
        to: { name: { en: 'State' }, kind: 'state' },
        relation: 'attributed to',
        fact: { en: 'One server.' },
        source: { title: { en: 'A report' } },
        attributedBy: 'Unit',
        confidence: { score: 60 },
      },
    ])
    expect(actorOf({ ...stated, confidence: 100 })?.links?.[0]?.confidence).toEqual({
      score: 100,
      platformDefault: true,
    })
    expect(actorOf({ ...stated, description: undefined })).not.toHaveProperty('links')
  })

  test('keeps what its report holds about it alone, though another campaign is mentioned', () => {
    const one = campaign('Main')
    const other = campaign('Mentioned', { first_seen: undefined, last_seen: undefined })
    const copying = technique('T0084.001', 'Copypasta')
    const channel = (name: string) => stixObject('channel', name, { name })
    const [account, site, channels] = [
      channel('twitter.com/Beacon_1'),
      channel('beacon-news.example'),
      channel('t.me/beacon_news'),
    ]
    const [owned, petition] = [channel('lighthouse.example'), stixObject('domain-name', 'petitions.example')]
    const [owner, appeal] = [stixObject('identity', 'Owner'), stixObject('media-content', 'Appeal', { url: '#Appeal' })]
    const links = [
      relation(other, 'uses', account),
      relation(copying, 'related-to', channels),
      relation(owned, 'belongs-to', owner),
      relation(petition, 'related-to', appeal),
    ]
    const all = [one, other, copying, account, site, channels, owned, petition, owner, appeal, ...links]
    const text = bundle(...all, report('Report', all, { description: 'What it did' }))
    expect(only(text).summary).toEqual({ en: 'What it did' })
    expect(only(text).indicators).toEqual([
      { type: 'account', value: 'Beacon_1', note: { und: 'X' } },
      { type: 'account', value: 'beacon_news', note: { und: 'Telegram' } },
      { type: 'domain', value: 'beacon-news.example' },
    ])
    expect(only(text)).toMatchObject({ hashtags: ['#Appeal'], platforms: ['Telegram', 'X'] })
    const { noted, records } = readStix(text, { file })
    expect(records).toMatchObject([{ doubts: [{ fault: { code: 'stix.onlyInReport', values: { count: 3 } } }] }])
    expect(noted).toContainEqual({ what: { code: 'stix.kept', values: { type: 'channel', as: 'account' } }, count: 2 })
    const reason = { code: 'stix.leftOwner' }
    expect(noted).toContainEqual({ what: { code: 'stix.left', values: { type: 'channel', reason } }, count: 1 })
  })

  describe('that the bundle only mentions', () => {
    const main = campaign('Main', { first_seen: undefined })
    const aimed = relation(main, 'uses', technique('T0084.001', 'Use Copypasta'))
    const copying = technique('T0084.001', 'Use Copypasta')
    const mentioned = campaign('Mentioned', { first_seen: undefined, last_seen: undefined })
    const shared = stixObject('channel', 'A shared channel', { channel_types: ['X'] })
    const both = [relation(main, 'uses', shared), relation(mentioned, 'uses', shared)]
    const all = [main, aimed, copying, mentioned, shared, ...both]

    test('is a reject where its first_seen cannot be read', () => {
      const unread = { ...mentioned, first_seen: 'spring 2024' }
      const { rejects } = read(bundle(...all.map((one) => (one === mentioned ? unread : one))))
      expect(rejects.find(({ id }) => id === mentioned.id)).toMatchObject({ path: 'first_seen' })
    })

    test('is no detection, whether or not the report contains it', () => {
      for (const held of [all, all.filter((object) => object !== mentioned)]) {
        const { detections, rejects, noted, unused } = read(bundle(...all, report('Report', held)), byHand)
        expect(rejects).toEqual([])
        expect(detections.map(({ id }) => id)).toEqual([main.id])
        expect(noted).toEqual({ 'campaign only mentioned': 1 })
        expect(unused).toEqual({ campaign: 1, relationship: 1 })
      }
    })

    test.each([
      ['it has a time of observation', [{ ...mentioned, first_seen: '2023-09-04T06:30:00.000Z' }]],
      ['it has a target', [mentioned, place('Corsica'), relation(mentioned, 'targets', place('Corsica'))]],
      ['it has a technique', [mentioned, relation(mentioned, 'uses', copying)]],
      ['a report is about it alone', [mentioned, report('Its own', [mentioned])]],
      ['an incident is a part of it', [mentioned, ...partOf(mentioned)]],
    ] as const)('is a detection where %s', (_, objects) => {
      const { detections } = read(bundle(...all.filter((object) => object !== mentioned), ...objects), byHand)
      expect(detections.map(({ id }) => id)).toContain(mentioned.id)
    })

    test('is a detection where the bundle contains no more of any other', () => {
      expect(read(bundle(mentioned, campaign('Other', { first_seen: undefined })), byHand).detections).toHaveLength(2)
    })
  })

  test.each([
    ['423 X accounts', 423],
    ['1 686 comptes Facebook', 1686],
    ['2024 election accounts', undefined],
    ['1.5 million accounts', undefined],
    ['RT France', undefined],
  ])('has the size of an account set from “%s”: %s', (name, value) => {
    const channel = stixObject('channel', name, { channel_types: ['Telegram'] })
    const found = only(bundle(one, channel, relation(one, 'uses', channel)))
    expect(found.accountSet?.size?.value).toBe(value)
    expect(found.platforms).toEqual(['Telegram'])
  })

  test('has pseudonyms of accounts where required, except in objects that Vigie wrote', () => {
    const pseudonym = pseudonymOf(Buffer.alloc(32, 7))
    const login = stixObject('user-account', 'login', { account_login: '@Bob', account_type: 'twitter' })
    const shown = stixObject('user-account', 'shown', { display_name: 'Eve' })
    const page = stixObject('url', 'https://x.com/bob')
    const text = bundle(one, ...[login, shown, page].flatMap((part) => [part, relation(one, 'uses', part)]))
    expect(only(text, { pseudonym }).indicators).toEqual(
      [
        { type: 'account', value: pseudonym('bob'), note: { und: 'twitter' } },
        { type: 'account', value: pseudonym('eve') },
        { type: 'url', value: 'https://x.com/bob' },
      ].sort((a, b) => (a.type + a.value < b.type + b.value ? -1 : 1)),
    )
    expect(only(text).indicators.map(({ value }) => value)).toEqual(['@Bob', 'Eve', 'https://x.com/bob'])

    const stored = {
      ...input({ id: 'own', indicators: [] }),
      indicators: [{ type: 'account', ref: login.id }],
    }
    const own = stixObject('incident', 'Own', { extensions: { [vigieExtension]: { detection: stored } } })
    const again = only(bundle(own, login, relation(login, 'related-to', own)), { pseudonym })
    expect(again.indicators).toEqual([{ type: 'account', value: '@Bob' }])
  })

  test('has addresses of participants as indicators, and none of victims', () => {
    const [victim, party] = [stixObject('identity', 'Newspaper'), stixObject('identity', 'Front')]
    const [real, owned, shared] = ['real.example', 'owned.example', 'seen.example'].map((n) =>
      stixObject('domain-name', n),
    )
    const text = bundle(
      ...[one, victim, party, real, owned, shared],
      relation(one, 'targets', victim),
      relation(one, 'related-to', victim),
      relation(real as Built, 'belongs-to', victim),
      relation(party, 'related-to', one),
      relation(owned as Built, 'belongs-to', party),
      relation(shared as Built, 'related-to', party),
    )
    expect(only(text).indicators).toEqual([{ type: 'domain', value: 'owned.example' }])
  })

  test('takes nothing over what it shares with another campaign', () => {
    const other = campaign('Other')
    const shared = technique('T0104.005', 'Use Hashtags')
    const tag = stixObject('media-content', 'tag', { url: '#tag' })
    const text = bundle(
      one,
      other,
      shared,
      tag,
      relation(one, 'uses', shared),
      relation(other, 'uses', shared),
      relation(shared, 'related-to', tag),
    )
    expect(read(text).detections.map(({ hashtags, techniques }) => [hashtags, techniques.length])).toEqual([
      [[], 1],
      [[], 1],
    ])
    expect(read(text).unused).toEqual({ 'media-content': 1, relationship: 1 })
  })

  test('takes what a report about it alone contains without relation, and nothing of a report about two', () => {
    const other = campaign('Other')
    const actor = stixObject('intrusion-set', 'Group')
    const used = technique('T0084.001', 'Use Copypasta')
    const lone = stixObject('domain-name', 'lone.example')
    const links = [relation(one, 'attributed-to', actor), relation(actor, 'uses', used)]
    const about = (...campaigns: readonly Built[]) =>
      bundle(...campaigns, actor, used, lone, ...links, report('Report', [...campaigns, actor, used, lone, ...links]))
    expect(only(about(one))).toMatchObject({
      indicators: [{ value: 'lone.example' }],
      techniques: [{ id: 'T0084.001' }],
      modusOperandi: { name: { en: 'Group' }, attributedBy: { en: 'a source that the bundle does not name' } },
    })
    const two = read(about(one, other))
    expect(two.detections.flatMap(({ indicators, techniques }) => [...indicators, ...techniques])).toEqual([])
    expect(two.unused).toMatchObject({ 'domain-name': 1, 'attack-pattern': 1 })
  })

  test('is the whole of its incidents, which take territories from their events', () => {
    const incident = stixObject('incident', 'Burst', { first_seen: '2024-05-15T01:21:00.000Z' })
    const vote = stixObject('event', 'Vote')
    const there = place('New Caledonia')
    const text = bundle(
      one,
      incident,
      vote,
      there,
      relation(incident, 'attributed-to', one),
      relation(incident, 'targets', vote),
      relation(vote, 'located-at', there),
    )
    const found = read(text).detections.find(({ id }) => id === incident.id)
    expect(found).toMatchObject({
      kind: 'other',
      partOf: one.id,
      campaign: 'Gathering',
      territories: [{ code: 'NC', via: 'Vote' }],
    })
    expect(read(text).unused).toEqual({})
  })
})

describe('times', () => {
  test.each([
    ['1970', { first_seen: '1970-01-01T00:00:00.000Z', last_seen: '5138-11-16T09:46:40.000Z' }],
    ['the moment of entry', { first_seen: '2024-03-01T08:58:00.000Z' }],
    ['no first', { first_seen: undefined }],
  ])('reject a first_seen of %s', (_, fields) => {
    expect(onlyReject(bundle(campaign('Untimed', fields))).path).toBe('observed')
  })

  test.each([
    ['first_seen', 'yesterday'],
    ['first_seen', '2024-05-15'],
    ['last_seen', '2024-06-31T08:00:00Z'],
  ])('reject a %s of %s, unless a time is stated', (path, given) => {
    const one = campaign('Unread', { [path]: given })
    expect(onlyReject(bundle(one))).toMatchObject({ id: one.id, path, message: expect.stringContaining(given) })
    expect(only(bundle(one), byHand).observed).toHaveProperty('statedByHand')
  })

  test('read midnights as days, ignore a default end, and reject an end before the beginning', () => {
    const observed = (fields: Record<string, unknown>) => only(bundle(campaign('Timed', fields))).observed
    expect(observed({ first_seen: '2024-05-13T00:00:00Z', last_seen: '2024-05-19T00:00:00Z' })).toEqual({
      from: '2024-05-13',
      to: '2024-05-19',
      precision: 'day',
    })
    expect(observed({ first_seen: '2024-05-13T07:00:00Z', last_seen: '5138-11-16T09:46:40.000Z' })).toEqual({
      from: '2024-05-13T07:00:00.000Z',
      to: '2024-05-13T07:00:00.000Z',
      precision: 'instant',
    })
    expect(onlyReject(bundle(campaign('Timed', { last_seen: '2022-01-01T10:00:00Z' })), byHand).path).toBe('observed')
    expect(only(bundle(campaign('Timed')), byHand).observed).not.toHaveProperty('statedByHand')
  })
})

describe('markings', () => {
  const markingOf = (campaignFields: Record<string, unknown>, ...more: readonly Built[]) =>
    (({ marking, markingSource }) => [marking, markingSource])(
      only(bundle(campaign('Marked', campaignFields), ...more)),
    )
  const definition = (name: string, fields: Record<string, unknown>) => stixObject('marking-definition', name, fields)

  test.each([
    ['34098fce-860f-48ae-8e50-ebd3cc5e41da', 'TLP:GREEN'],
    ['f88d31f6-486f-44da-b317-01333bde0b82', 'TLP:AMBER'],
    ['5e57c739-391a-4eb3-b6be-7d15ca92d5ed', 'TLP:RED'],
    ['94868c89-83c2-464b-929b-a1a8aa3c8487', 'TLP:CLEAR'],
    ['bab4a63c-aed9-4cf5-a766-dfca5abac2bb', 'TLP:GREEN'],
    ['55d920b0-5e8b-4f79-9ee9-91f868d9b421', 'TLP:AMBER'],
    ['939a9414-2ddd-4d32-a0cd-375ea402b003', 'TLP:AMBER+STRICT'],
    ['826578e1-40ad-459f-bc73-ede076f81f37', 'TLP:AMBER+STRICT'],
    ['e828b379-4e03-4974-9ac4-e53a884c97c1', 'TLP:RED'],
    ['00000000-0000-4000-8000-000000000000', 'TLP:RED'],
  ])('%s is %s', (uuid, marking) => {
    expect(markingOf(marked(`marking-definition--${uuid}`))).toEqual([marking, 'stated'])
  })

  test.each([
    [
      'by its TLP 2 extension',
      'Ours',
      { extensions: { 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d': { tlp_2_0: 'green' } } },
      'TLP:GREEN',
    ],
    ['by its name', 'TLP: amber strict', { definition_type: 'tlp' }, 'TLP:AMBER+STRICT'],
    [
      'by OpenCTI’s field',
      'custom',
      {
        definition_type: 'statement',
        definition: { statement: 'custom' },
        x_opencti_definition_type: 'TLP',
        x_opencti_definition: 'TLP:GREEN',
      },
      'TLP:GREEN',
    ],
    ['unknown', 'TLP:EX:CHR', { definition_type: 'tlp' }, 'TLP:RED'],
    ['of another kind', 'SECRET', { definition_type: 'classification' }, 'TLP:RED'],
    ['contradictory', 'TLP:CLEAR', { definition_type: 'tlp', definition: { tlp: 'red' } }, 'TLP:RED'],
  ])('a definition %s', (_, name, fields, marking) => {
    expect(markingOf(marked(stixId('marking-definition', name)), definition(name, fields))).toEqual([marking, 'stated'])
  })

  test('ignore licences, take the strictest of several, and close an unreadable list', () => {
    const licence = definition('cc-by-sa-4.0', {
      definition_type: 'statement',
      definition: { statement: 'cc-by-sa-4.0' },
    })
    expect(markingOf(marked(licence.id), licence)).toEqual(['TLP:AMBER', 'default'])
    expect(markingOf(marked(licence.id, tlp.green, tlp.white), licence)).toEqual(['TLP:GREEN', 'stated'])
    expect(markingOf({ object_marking_refs: 'TLP:CLEAR' })).toEqual(['TLP:RED', 'stated'])
    expect(
      markingOf({ ...marked(tlp.white), granular_markings: [{ marking_ref: tlp.red, selectors: ['name'] }] }),
    ).toEqual(['TLP:RED', 'stated'])
    expect(markingOf({ ...marked(tlp.white), granular_markings: [{ lang: 'fr', selectors: ['name'] }] })).toEqual([
      'TLP:CLEAR',
      'stated',
    ])
  })

  test('rise with the objects that are used, and not with others', () => {
    const one = campaign('Marked', marked(tlp.white))
    const domain = stixObject('domain-name', 'secret.example', marked(tlp.red))
    const note = stixObject('text', 'nothing', marked(tlp.red))
    const by = marked(tlp.white)
    const with_ = (part: Built, fields = by) =>
      only(bundle(one, part, relation(one, 'related-to', part, fields))).marking
    expect(with_(domain)).toBe('TLP:RED')
    expect(with_(note)).toBe('TLP:CLEAR')
    expect(with_({ ...domain, ...by })).toBe('TLP:CLEAR')
    expect(with_({ ...domain, ...by }, marked(tlp.amber))).toBe('TLP:AMBER')
    expect(with_({ ...domain, object_marking_refs: undefined })).toBe('TLP:AMBER')
  })

  test('come from the strictest container, through unmarked groupings, and never in circles', () => {
    const one = campaign('Contained')
    const grouping = stixObject('grouping', 'Grouping', { object_refs: [one.id, stixId('grouping', 'Grouping')] })
    const text = bundle(
      one,
      grouping,
      report('Outer', [grouping], marked(tlp.green)),
      report('Clear', [one], marked(tlp.white)),
    )
    expect(only(text)).toMatchObject({ marking: 'TLP:GREEN', markingSource: 'container' })
    expect(only(bundle(one, grouping))).toMatchObject({ marking: 'TLP:AMBER', markingSource: 'default' })
  })

  test('keep the name of a stricter report out of a freer campaign', () => {
    const one = campaign('Clear', marked(tlp.white))
    const found = only(bundle(one, report('Secret report', [one], marked(tlp.red))))
    expect(found).toMatchObject({ marking: 'TLP:CLEAR', evidence: [] })
  })
})

describe('bad input', () => {
  const refused = (text: string) => {
    try {
      readStix(text, { file })
    } catch (error) {
      expect(error).toBeInstanceOf(FileError)
      return (error as Error).message
    }
    throw new Error('nothing was thrown')
  }
  const whole = bundle(campaign('Whole'))

  test.each([1, 30, whole.length - 1])('cut after %i characters is refused with the place', (length) => {
    expect(refused(whole.slice(0, length))).toMatch(
      /^bundle\.stix\.json is not JSON at line 1, column \d+ .*seems truncated/,
    )
  })

  test.each([
    ['', /is empty/],
    ['{"type":\n"bundle", objects: []}', /is not JSON at line 2, column 11 .*(?<!truncated: fetch it again)$/],
    ['[]', /no STIX bundle/],
    [JSON.stringify(campaign('Alone')), /its type is "campaign".*wrap/],
    ['{"type":"bundle"}', /without objects/],
    ['{"type":"bundle","objects":{}}', /must be an array/],
    [
      bundle(stixObject('identity', 'Somebody')),
      /the bundle has 1 object but no campaign, incident, report or grouping/,
    ],
    [bundle(campaign('Withdrawn', { revoked: true })), /has revoked every campaign and incident of the bundle: 1$/],
  ])('%j is refused', (text, message) => {
    expect(refused(text)).toMatch(message)
  })

  test('of single objects is rejected alone', () => {
    const { detections, rejects, noted } = read(
      `\uFEFF${bundle(7, { type: 'campaign' }, { id: 'campaign--1' }, { type: 'incident', id: campaign('x').id }, campaign('Good'))}`,
    )
    expect(detections).toHaveLength(1)
    expect(rejects.map(({ path, raw }) => [path, raw])).toEqual([
      ['objects[0]', '7'],
      ['objects[1].id', '{"type":"campaign"}'],
      ['objects[2].type', '{"id":"campaign--1"}'],
      ['objects[3].id', expect.stringContaining('incident')],
    ])
    expect(noted).toEqual({})
  })

  test('against the schema is rejected with its path, and kept to 64 KB', () => {
    const reject = onlyReject(bundle(campaign('Wrong', { confidence: 140, x_long: 'é'.repeat(65_536) })))
    expect(reject.path).toBe('confidence.score')
    expect(Buffer.byteLength(reject.raw)).toBeLessThanOrEqual(65_536)
    expect(reject.raw).not.toContain('\uFFFD')
    expect(reject.bytes).toBeGreaterThan(131_072)
    expect(onlyReject(bundle(campaign('Nameless', { name: '' }))).path).toBe('name')
  })

  test('of two versions: the later one holds, and of equal ones the stricter marking', () => {
    const old = campaign('Twice', { description: 'old' })
    const late = { ...old, modified: '2024-04-01T00:00:00.000Z', description: 'new' }
    for (const objects of [
      [old, late],
      [late, old],
    ]) {
      expect(only(bundle(...objects)).summary).toEqual({ en: 'new' })
      expect(read(bundle(...objects)).noted).toEqual({ 'older or repeated version': 1 })
    }
    expect(only(bundle({ ...old, ...marked(tlp.white) }, { ...old, ...marked(tlp.red) })).marking).toBe('TLP:RED')
  })

  test('with keys of the prototype is data', () => {
    const odd = stixObject('constructor', 'odd', { name: 'toString' })
    const text = bundle(campaign('__proto__', { labels: ['__proto__'] }), odd).replace('"labels"', '"__proto__"')
    expect(only(text).title).toEqual({ en: '__proto__' })
    expect(read(text).unused).toEqual({ constructor: 1 })
    expect(({} as Record<string, unknown>)[0]).toBeUndefined()
  })

  test('of STIX 2.0 is read as far as possible', () => {
    const corsica = place('Corsica')
    const one = campaign('Old')
    const objects = [one, corsica, relation(one, 'targets', corsica)].map(({ spec_version: _, ...rest }) => rest)
    const text = JSON.stringify({ type: 'bundle', id: stixId('bundle', 'old'), spec_version: '2.0', objects })
    expect(codes(only(text))).toEqual(['COR'])
  })
})

const real = (name: string) => shared(`viginum/${name}`)
describe('a report or grouping without a campaign or incident', () => {
  const ofMisp = { labels: ['Threat-Report', 'misp:tool="MISP-STIX-Converter"'] }
  const entered = '2024-03-01T09:00:00.000Z'
  const seen = (name: string, part: Built, fields: Record<string, unknown>) =>
    stixObject('observed-data', name, { name: undefined, number_observed: 1, object_refs: [part.id], ...fields })
  const indicator = (pattern: string) => stixObject('indicator', pattern, { pattern, pattern_type: 'stix' })
  const unit = stixObject('identity', 'Unit', { identity_class: 'organization' })

  test('is one detection, as misp-stix writes an event', () => {
    const [site, other] = [stixObject('domain-name', 'a.example'), stixObject('url', 'https://b.example/x')]
    const observed = seen('one', site, {
      first_observed: '2024-02-10T08:00:00Z',
      last_observed: '2024-02-11T09:00:00Z',
    })
    const undated = seen('two', other, { first_observed: entered, last_observed: entered })
    const pattern = indicator(
      "[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e' AND network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '192.0.2.7' OR url:value = 'https://c.example/it\\'s']",
    )
    const actor = stixObject('threat-actor', 'Group')
    const cluster = stixObject('x-misp-galaxy-cluster', 'cluster', {
      ...{ x_misp_type: 'disarm', x_misp_value: 'Create Fake Research', x_misp_meta: { external_id: 'T0019.001' } },
    })
    const post = stixObject('x-misp-object', 'microblog', {
      x_misp_name: 'microblog',
      x_misp_attributes: [
        { type: 'text', object_relation: 'username', value: 'bob' },
        { type: 'url', object_relation: 'url', value: 'https://x.com/bob/status/1', category: 'Network activity' },
      ],
    })
    const note = stixObject('note', 'Event report', { content: '# Facts\n\nCopies by **one** site.' })
    const parts = [observed, undated, pattern, actor, cluster, post, note, place('Martinique')]
    const grouping = stixObject('grouping', 'An event', {
      ...ofMisp,
      ...marked(tlp.green),
      ...{ created_by_ref: unit.id, object_refs: parts.map(({ id }) => id) },
      external_references: [{ source_name: 'Check', url: 'https://check.example' }],
    })
    const text = bundle(unit, site, other, ...parts, grouping)
    const { detections, unused } = read(text, { pseudonym: (name) => `of ${name}` })
    expect(detections).toMatchObject([
      {
        id: grouping.id.replace('grouping--', 'misp-'),
        detector: { name: 'Unit' },
        title: { en: 'An event' },
        summary: { en: 'Copies by one site.' },
        observed: { from: '2024-02-10T08:00:00.000Z', to: '2024-02-11T09:00:00.000Z' },
        territories: [{ code: 'MQ' }],
        accountRefs: ['of bob'],
        actor: { name: 'Group', attributedBy: 'Unit' },
        techniques: [{ id: 'T0019.001', framework: 'DISARM' }],
        indicators: [
          { type: 'domain', value: 'a.example' },
          { type: 'hash', value: 'd41d8cd98f00b204e9800998ecf8427e' },
          { type: 'ip', value: '192.0.2.7' },
          { type: 'url', value: 'https://b.example/x' },
          { type: 'url', value: "https://c.example/it's" },
        ],
        evidence: [{ url: 'https://check.example' }, { url: 'https://x.com/bob/status/1' }],
        marking: 'TLP:GREEN',
      },
    ])
    expect(unused).toEqual({})
  })

  test('has no time of observation from its own dates or from times of entry', () => {
    const site = stixObject('domain-name', 'a.example')
    const group = stixObject('intrusion-set', 'Group', { first_seen: '2015-01-01T00:00:00Z' })
    const undated = seen('one', site, { first_observed: entered, last_observed: entered })
    const text = bundle(site, group, undated, report('An event', [undated, group], ofMisp))
    expect(onlyReject(text)).toMatchObject({ path: 'observed', fault: { code: 'stix.noTime' } })
    expect(only(text, byHand).indicators).toEqual([{ type: 'domain', value: 'a.example' }])
  })

  test('is a detection next to campaigns only where it is an event of MISP, and never inside another', () => {
    const site = stixObject('domain-name', 'a.example')
    const [plain, event] = [report('Plain', [site]), report('Event', [site], ofMisp)]
    expect(only(bundle(campaign('One'), site, plain)).title).toEqual({ en: 'One' })
    expect(read(bundle(campaign('One'), site, event), byHand).detections).toHaveLength(2)
    expect(only(bundle(site, plain, report('Outer', [plain])), byHand).title).toEqual({ en: 'Outer' })
  })
})

test('addresses in fields of a campaign are evidence', () => {
  const one = campaign('One', {
    x_unit_claim_urls: ['https://claim.example/1', 'no address'],
    factcheck_url: 'https://check.example',
  })
  expect(only(bundle(one))).toMatchObject({
    evidence: [{ url: 'https://check.example' }, { url: 'https://claim.example/1' }],
    indicators: [],
  })
})

const big = real('2024-12_un-notorious-big.stix.json')
const rrn = real('2023-08_rrn.stix.json')
const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0)

describe.skipIf(!isShared)('VIGINUM’s BIG bundle (skipped where ../shared/data is absent)', () => {
  const text = () => readFileSync(big, 'utf8')

  test('gives UN-Notorious BIG in thirteen territories; Olimpiya is only mentioned', () => {
    const { detections, rejects, noted } = read(text(), byHand)
    expect(rejects).toEqual([])
    const [first] = detections
    expect(detections.map(({ title }) => title)).toEqual([{ en: 'UN-Notorious BIG' }])
    expect(noted).toMatchObject({ 'campaign only mentioned': 1 })
    expect(first?.territories).toHaveLength(13)
    expect(first?.territories.filter(({ method }) => method === 'group')).toHaveLength(12)
    expect(first).toMatchObject({
      detector: { name: 'VIGINUM' },
      observed: { from: '2023-09', to: '2024-02', precision: 'month', statedByHand: true },
      platforms: ['Twitter'],
      accountSet: { name: { en: '423 X accounts' }, size: { value: 423, qualifier: 'exact' } },
      actor: { name: 'Azerbaijan', attributedBy: 'VIGINUM' },
      modusOperandi: { name: { en: 'BIG' }, attributedBy: 'VIGINUM' },
      narratives: [{ en: 'Accusing France of neocolonialism' }],
      indicators: ['bakuinitiative.com', 'btq.org.az', 'jabarov.com'].map((value) => ({ type: 'domain', value })),
      confidence: { score: 100, source: 'VIGINUM', platformDefault: true },
      marking: 'TLP:CLEAR',
      markingSource: 'container',
    })
    expect(first?.techniques.map(({ id, framework }) => [id, framework])).toEqual(
      ['T0019.002', 'T0084.001', 'T0099.001', 'T0104.005', 'T0104.006'].map((id) => [id, 'DISARM']),
    )
    expect(first?.hashtags).toHaveLength(10)
    expect(first?.hashtags).toContain('#NonAlignedMovement')
    expect(first).not.toHaveProperty('reliability')
  })

  test('has every object counted once', () => {
    const { used, unused } = read(text(), byHand)
    expect(sum(used) + sum(unused)).toBe(113)
    expect(unused).toEqual({
      campaign: 1,
      identity: 10,
      location: 3,
      'marking-definition': 1,
      relationship: 49,
      text: 2,
    })
  })

  test('gives the same in any order of its objects', () => {
    const { objects } = JSON.parse(text()) as { objects: unknown[] }
    const expected = read(text(), byHand)
    fc.assert(
      fc.property(fc.shuffledSubarray(objects, { minLength: objects.length }), (shuffled) => {
        expect(read(bundle(...shuffled), byHand)).toEqual(expected)
      }),
      { numRuns: 25 },
    )
  })
})

describe.each([
  ['2024-12_un-notorious-big.stix.json', 113, { channel: 1, 'domain-name': 3, 'attack-pattern': 5 }],
  ['2023-08_rrn.stix.json', 1054, { 'domain-name': 351, url: 4, 'user-account': 23, 'attack-pattern': 36 }],
  ['2024-02_portal-kombat.stix.json', 1622, { channel: 533, 'ipv4-addr': 13, 'email-addr': 2, 'attack-pattern': 21 }],
  ['2024-06_matriochka.stix.json', 406, { channel: 16, 'attack-pattern': 52 }],
])('VIGINUM’s %s', (name, objects, kept) => {
  test.skipIf(!existsSync(real(name)))('keeps what it holds, and counts each object once', () => {
    const { detections, used, unused } = read(readFileSync(real(name), 'utf8'), byHand)
    expect(sum(used) + sum(unused)).toBe(objects)
    expect(used).toMatchObject(kept)
    expect(detections).toHaveLength(1)
  })
})

describe.skipIf(!isShared)('VIGINUM’s RRN bundle (skipped where ../shared/data is absent)', () => {
  test('gives one detection without a territory, and its tally adds up', () => {
    const { detections, rejects, used, unused, noted } = read(readFileSync(rrn, 'utf8'), byHand)
    expect(rejects).toEqual([])
    expect(sum(used) + sum(unused)).toBe(1054)
    expect(used).toMatchObject({ campaign: 1, 'domain-name': 351, 'attack-pattern': 36, 'user-account': 23 })
    expect(noted).toEqual({ 'dangling reference': 1, 'placeholder address': 8 })
    const [found] = detections
    expect(detections).toHaveLength(1)
    expect(found).toMatchObject({
      territories: [],
      platforms: ['Telegram', 'facebook', 'twitter'],
      marking: 'TLP:CLEAR',
    })
    expect(found?.confidence).toEqual({ score: 90 })
    expect(found?.techniques.every(({ framework }) => framework === 'DISARM')).toBe(true)
    expect(found?.indicators).toContainEqual({ type: 'domain', value: 'spiegel.ltd' })
    expect(found?.indicators.some(({ value }) => /remplir/.test(value))).toBe(false)
  })
})
