/** The STIX bundle of a report: valid, stable, within its markings, and ingested again without loss. */
import {
  generateDomainNameId,
  generateIPv4AddrId,
  generateIPv6AddrId,
  generateUrlId,
} from '@security-alliance/stix/2.1'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DetectionAsOf } from '../../../lambdas/domain/aggregate/tally.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import type { Report } from '../../../lambdas/domain/page/page.ts'
import { tlpDefinitions, vigieExtension } from '../../../lambdas/domain/report/exchange.ts'
import { readStix } from '../../../lambdas/intake/stix/stix.ts'
import { stixBundle, uuidV5 } from '../../../lambdas/render/exports/stix.ts'
import { detectionAsOf, detectionsAsOf } from '../../support/detections.ts'
import { acceptedLosses, openCtiLosses } from '../../support/opencti.ts'
import { reportOn } from '../../support/reports.ts'
import { stixFaults } from '../../support/stix-spec.ts'
import { noticed } from '../../support/stix.ts'

const everything: Partial<DetectionInput> = {
  id: 'nc-1',
  observed: { from: '2024-05-15', to: '2024-05-16', label: { fr: 'mi-mai 2024' } },
  summary: { fr: 'Voir https://evil.example.org/a', en: 'See https://evil.example.org/a' },
  territories: ['overseas', { code: 'NC', method: 'hashtag', via: '#nc' }],
  platforms: ['X', 'Facebook'],
  counts: { posts: { value: 5000, qualifier: 'at least' }, accounts: 1686, coordinatedAccounts: 348 },
  accountSet: { id: 'big-423', name: 'Cluster', size: 423 },
  campaign: 'UN-notorious BIG',
  actor: { name: 'BIG', attributedBy: 'VIGINUM', likelihood: 'very likely', confidence: 'high' },
  modusOperandi: { name: { fr: 'Une infrastructure' }, attributedBy: { fr: 'Le service' } },
  event: { place: { fr: 'Bakou' }, participants: [{ fr: 'Une élue' }] },
  techniques: [
    { id: 'T0084.001', name: { en: 'Use Copypasta' }, framework: 'DISARM', version: '1.6' },
    { id: 'T0104' },
  ],
  narratives: [{ fr: 'La France néocoloniale' }],
  hashtags: ['#independence'],
  languages: ['fr', 'az'],
  indicators: [
    { type: 'url', value: 'hxxps://evil[.]example[.]org/a?b=1' },
    { type: 'domain', value: 'evil.example.org' },
    { type: 'ip', value: '198.51.100.3' },
    { type: 'ip', value: '2001:db8::1' },
    { type: 'email', value: 'a@evil.example.org' },
    { type: 'account', value: '@someone' },
    { type: 'hash', value: '4f0c19' },
    { type: 'url', value: 'àremplir' },
  ],
  observedEffect: { state: 'none', text: { fr: 'Sans effet.' }, source: 'VIGINUM' },
  evidence: [
    { label: { fr: 'Rapport' }, url: 'https://evil.example.org/b', archiveUrl: 'https://web.archive.org/web/1/x' },
    { label: 'Copie', archiveUrl: 'sha256:4f0c19' },
  ],
  confidence: { score: 70, source: 'OpenCTI' },
  reliability: 'B',
  credibility: 2,
  marking: 'TLP:GREEN',
  breakout: { category: 2, evidence: { fr: 'Deux plateformes.' } },
  criteria: [{ criterion: 'foreign-actor', state: 'supported', evidence: { fr: 'VIGINUM.' } }],
  impersonates: [
    { class: 'organization', name: { fr: 'Le Phare', en: 'The Beacon' } },
    { class: 'group', name: 'Tower' },
    { class: 'individual', role: { fr: 'ministre' } },
    { class: 'individual' },
  ],
}

/** As Vigie makes the ids of its own objects. */
const idOfOwn = (type: string, name: string): string =>
  `${type}--${uuidV5(`${type} ${name}`, 'b7c0a9d2-3f41-4e8e-8a15-6d2f90c47e3b')}`

const objectsOf = (report: Report, type: string) => stixBundle(report).objects.filter((object) => object.type === type)

const ingested = (report: Report) => {
  const { records, noted } = readStix(JSON.stringify(stixBundle(report)), { file: 'report.stix.json' })
  const detections = records.map((record) => {
    if (!('detection' in record)) throw new Error(`no detection: ${JSON.stringify(record)}`)
    return record.detection
  })
  return { detections, ...noticed(noted) }
}

const sightingsIn = (report: Report): readonly DetectionAsOf[] =>
  ingested(report).detections.map((detection) => ({
    detection,
    revision: detection.revision ?? 1,
    storedAt: '2024-05-20T00:00:00.000Z',
  }))

describe('the bundle', () => {
  test('of a full, a quiet and an undated report is STIX 2.1', () => {
    const part = detectionAsOf({ id: 'part', partOf: 'nc-1', marking: 'TLP:AMBER', title: 'Une partie' })
    expect(stixFaults(stixBundle(reportOn([detectionAsOf(everything), part])))).toEqual([])
    expect(stixFaults(stixBundle(reportOn([])))).toEqual([])
    expect(stixFaults(stixBundle(reportOn([detectionAsOf({ observed: { from: '2024-05' } })])))).toEqual([])
  })

  test('is checked by a validator that finds faults', () => {
    const bundle = stixBundle(reportOn([detectionAsOf(everything)]))
    const broken = (change: Record<string, unknown>) => ({
      ...bundle,
      objects: bundle.objects.map((object) => (object.type === 'incident' ? { ...object, ...change } : object)),
    })
    expect(stixFaults(broken({ name: undefined }))).not.toEqual([])
    expect(stixFaults(broken({ x_posts: 3 }))).not.toEqual([])
    expect(stixFaults(broken({ extensions: {} }))).not.toEqual([])
    expect(stixFaults(broken({ created_by_ref: 'identity--00000000-0000-4000-8000-000000000000' }))).not.toEqual([])
    expect(stixFaults(broken({ confidence: 101 }))).not.toEqual([])
  })

  test('contains the report as of its instant, with references to all objects', () => {
    const bundle = stixBundle(reportOn([detectionAsOf(everything)]))
    const report = bundle.objects.find(({ type }) => type === 'report')
    expect(report?.published).toBe('2024-05-20T00:00:00.000Z')
    for (const sentence of ['At least 5,000 posts', 'Au moins 5\u202f000 messages'])
      expect(report?.description).toContain(sentence)
    const meta = ['report', 'marking-definition', 'extension-definition']
    expect(report?.object_refs).toEqual(bundle.objects.filter(({ type }) => !meta.includes(type)).map(({ id }) => id))
  })

  test('has the standard ids of TLP 2.0, the highest one at the report', () => {
    const report = reportOn([detectionAsOf(everything), detectionAsOf({ id: 'b', marking: 'TLP:AMBER' })])
    expect(objectsOf(report, 'report')[0]?.object_marking_refs).toEqual([tlpDefinitions['TLP:AMBER']])
    expect(
      objectsOf(report, 'marking-definition')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['TLP:AMBER', 'TLP:CLEAR', 'TLP:GREEN'])
  })

  test('keeps the confidence of one statement in the record only', () => {
    const confidence = { score: 70, of: { en: '39 of 423 declare the party' } }
    const report = reportOn([detectionAsOf({ ...everything, confidence })])
    expect(objectsOf(report, 'incident')[0]).not.toHaveProperty('confidence')
    expect(ingested(report).detections[0]?.confidence).toEqual(confidence)
  })

  test('has the attributing source as the author of an attribution', () => {
    const bundle = stixBundle(reportOn([detectionAsOf(everything)]))
    const attribution = bundle.objects.find(({ relationship_type: type }) => type === 'attributed-to')
    const author = bundle.objects.find(({ id }) => id === attribution?.created_by_ref)
    expect(author?.name).toBe('VIGINUM')
    expect(attribution).toMatchObject({ description: 'According to VIGINUM: very likely.', confidence: 85 })
  })

  test('has live addresses in observables only', () => {
    const { objects } = stixBundle(reportOn([detectionAsOf(everything)]))
    const values = objects
      .filter(({ defanged }) => defanged === false)
      .map(({ value, account_login }) => value ?? account_login)
    expect(values.toSorted()).toEqual(
      [
        '@someone',
        '198.51.100.3',
        '2001:db8::1',
        'a@evil.example.org',
        'evil.example.org',
        'https://evil.example.org/a?b=1',
      ].toSorted(),
    )
    const rest = JSON.stringify(objects.filter(({ defanged }) => defanged === undefined))
    expect(rest).not.toContain('evil.example.org')
  })

  test('links an incident to an intrusion set and to its actor, in the name of the source', () => {
    const report = reportOn([detectionAsOf(everything)])
    const [set] = objectsOf(report, 'intrusion-set')
    const [author] = objectsOf(report, 'identity').filter(({ name }) => name === 'Le service')
    expect(set).toMatchObject({ name: 'Une infrastructure', lang: 'fr' })
    expect(objectsOf(report, 'threat-actor').map(({ name }) => name)).toEqual(['BIG'])
    expect(objectsOf(report, 'relationship')).toContainEqual(
      expect.objectContaining({ relationship_type: 'attributed-to', target_ref: set?.id, created_by_ref: author?.id }),
    )
  })

  test('has one object for an actor of two sources, with a relationship of each', () => {
    const by = (attributedBy: string) => ({ actor: { name: 'Azerbaijan', attributedBy } })
    const report = reportOn([detectionAsOf({ id: 'a', ...by('VIGINUM') }), detectionAsOf({ id: 'b', ...by('Meta') })])
    const [actor, ...others] = objectsOf(report, 'threat-actor')
    expect(others).toEqual([])
    const authors = objectsOf(report, 'relationship').filter(({ target_ref: target }) => target === actor?.id)
    expect(new Set(authors.map(({ created_by_ref: author }) => author)).size).toBe(2)
  })

  test('relates an incident to its techniques, narratives, accounts and campaign', () => {
    const part = detectionAsOf({ ...everything, id: 'part', partOf: 'nc-1' })
    const { objects } = stixBundle(reportOn([detectionAsOf(everything), part]))
    const of = new Map(objects.map((object) => [object.id, object]))
    const links = objects
      .filter(({ type }) => type === 'relationship')
      .map(({ relationship_type: type, source_ref: source, target_ref: target }) =>
        [of.get(String(source))?.type, type, of.get(String(target))?.type].join(' '),
      )
    expect([...new Set(links)].sort()).toEqual([
      'incident attributed-to campaign',
      'incident attributed-to intrusion-set',
      'incident attributed-to threat-actor',
      'incident related-to domain-name',
      'incident related-to email-addr',
      'incident related-to identity',
      'incident related-to incident',
      'incident related-to ipv4-addr',
      'incident related-to ipv6-addr',
      'incident related-to url',
      'incident related-to user-account',
      'incident targets location',
      'incident uses attack-pattern',
      'incident uses channel',
      'incident uses infrastructure',
      'incident uses narrative',
      'infrastructure consists-of domain-name',
    ])
    expect(objects.find(({ x_mitre_id: id }) => id === 'T0084.001')).toMatchObject({ name: 'Use Copypasta' })
    expect(objects.find(({ type }) => type === 'channel')).toMatchObject({
      name: 'Cluster',
    })
    expect(objects.find(({ type }) => type === 'incident')?.labels).toContain('#independence')
  })

  test('has a domain as infrastructure with a defanged name, and as an observable', () => {
    const { objects } = stixBundle(reportOn([detectionAsOf(everything)]))
    const [infrastructure, ...others] = objects.filter(({ type }) => type === 'infrastructure')
    const domain = objects.find(({ type }) => type === 'domain-name')
    expect(infrastructure?.name).toBe('evil[.]example[.]org')
    expect(others).toEqual([])
    expect(objects).toContainEqual(
      expect.objectContaining({
        relationship_type: 'consists-of',
        source_ref: infrastructure?.id,
        target_ref: domain?.id,
      }),
    )
  })

  test('has the official objects of DISARM 1.6, and own objects for removed ids', () => {
    const techniques = [
      { id: 'T0085', name: 'Text' },
      { id: 'T0104' },
      { id: 'T0085.002' },
      { id: 'T9999', name: 'Mine' },
    ]
    const { objects } = stixBundle(reportOn([detectionAsOf({ techniques })]))
    const byId = (id: string) => objects.find(({ x_mitre_id: its }) => its === id)
    expect(byId('T0085')).toMatchObject({
      id: 'attack-pattern--8ea2fcce-e27e-4019-a773-70f3dddfab34',
      name: 'Develop Text-Based Content',
      created: '2024-11-22T16:43:58.079Z',
    })
    expect(objects.find(({ id }) => id === byId('T0085')?.created_by_ref)?.name).toBe('DISARM Foundation')
    expect(byId('T0104')?.name).toBe('Social Networks')
    expect(byId('T0085.002')).toMatchObject({
      id: idOfOwn('attack-pattern', 'DISARM T0085.002'),
      name: 'Develop False or Altered Documents',
    })
    expect(byId('T9999')?.name).toBe('Mine')
  })

  test('has the same creation times in a later version and in any order', () => {
    const [early, late] = ['2024-05-13', '2024-05-16'].map((from, at) =>
      detectionAsOf({ ...everything, id: `d-${at}`, observed: { from } }),
    )
    const createdIn = (report: Report) =>
      new Map(stixBundle(report).objects.flatMap((one) => ('created' in one ? [[one.id, one.created]] : [])))
    const both = [early, late].flatMap((one) => one ?? [])
    const first = createdIn(reportOn(both))
    const next = createdIn({ ...reportOn(both.toReversed()), asOf: '2024-06-20T00:00:00.000Z' })
    expect(next).toEqual(first)
    const made = new Set(stixBundle(reportOn(both)).objects.map(({ created }) => created))
    expect(made).not.toContain('2020-01-01T00:00:00.000Z')
    const [campaign] = objectsOf(reportOn(both), 'campaign')
    expect(campaign?.created).toBe('2024-05-13T00:00:00.000Z')
  })

  test('takes no creation time of a freer object from a stricter detection', () => {
    const at = (id: string, from: string, marking: 'TLP:GREEN' | 'TLP:AMBER') =>
      detectionAsOf({ ...everything, id, observed: { from }, marking })
    const report = reportOn([at('a', '2024-05-13', 'TLP:AMBER'), at('b', '2024-05-15', 'TLP:GREEN')])
    const green = stixBundle(report).objects.filter(({ object_marking_refs: refs }) =>
      (refs as readonly string[] | undefined)?.includes(tlpDefinitions['TLP:GREEN']),
    )
    expect(green.filter(({ created }) => String(created).startsWith('2024-05-13'))).toEqual([])
    expect(green.map(({ type }) => type)).toEqual(expect.arrayContaining(['campaign', 'channel', 'narrative']))
  })

  test('gives a campaign the times of detections within its own marking', () => {
    const at = (id: string, from: string, marking: 'TLP:GREEN' | 'TLP:AMBER') =>
      detectionAsOf({ id, campaign: 'C', observed: { from }, marking })
    const green = [at('a', '2024-05-14', 'TLP:GREEN'), at('b', '2024-05-16', 'TLP:GREEN')]
    const amber = [at('c', '2024-05-13', 'TLP:AMBER'), at('d', '2024-05-18', 'TLP:AMBER')]
    const seen = { first_seen: '2024-05-14T00:00:00.000Z', last_seen: '2024-05-16T23:59:59.000Z' }
    for (const all of [
      [...green, ...amber],
      [...amber, ...green],
      [amber[1], green[1], amber[0], green[0]],
    ]) {
      const report = reportOn(all.flatMap((one) => one ?? []))
      expect(objectsOf(report, 'campaign')).toMatchObject([
        { ...seen, object_marking_refs: [tlpDefinitions['TLP:GREEN']] },
      ])
    }
  })

  test('links to archived copies, else to pages apart from the indicators’ own', () => {
    const evidence = [
      ...(everything.evidence ?? []),
      { label: 'Press', url: 'https://news.example.com/c' },
      { label: 'Copy', url: 'https://www.evil.example.org/d' },
      { label: 'Address', url: 'http://198.51.100.3/e' },
    ]
    const [incident] = objectsOf(reportOn([detectionAsOf({ ...everything, evidence })]), 'incident')
    expect(incident?.external_references).toEqual([
      {
        source_name: 'Rapport',
        description: 'Rapport [https]://evil[.]example[.]org/b',
        url: 'https://web.archive.org/web/1/x',
      },
      { source_name: 'Copie', description: 'Copie sha256:4f0c19' },
      {
        source_name: 'Press',
        description: 'Press [https]://news[.]example[.]com/c',
        url: 'https://news.example.com/c',
      },
      { source_name: 'Copy', description: 'Copy [https]://www[.]evil[.]example[.]org/d' },
      { source_name: 'Address', description: 'Address [http]://198[.]51[.]100[.]3/e' },
    ])
  })

  test('opens a description with the own figures and the time, and has both ends of the time', () => {
    const counts = { posts: { value: 5000, qualifier: 'at least' as const }, accounts: 1686 }
    const observed = { from: '2024-05-15', to: '2024-05-16' }
    const [incident] = objectsOf(reportOn([detectionAsOf({ ...everything, observed, counts })]), 'incident')
    expect(
      String(incident?.description)
        .replaceAll(/[\u00a0\u202f]/gu, ' ')
        .split('\n\n'),
    ).toEqual([
      '15–16 May 2024: at least 5,000 posts and 1,686 accounts. / 15 – 16 mai 2024 : au moins 5 000 messages et 1 686 comptes.',
      'See [https]://evil[.]example[.]org/a',
    ])
    expect(incident).toMatchObject({
      first_seen: '2024-05-15T00:00:00.000Z',
      last_seen: '2024-05-16T23:59:59.000Z',
    })
    const unknown = detectionAsOf({ counts: {}, observed: { from: '2024-05' } })
    expect(objectsOf(reportOn([unknown]), 'incident')[0]?.description).toMatch(
      /^May.2024: n.a\. . mai.2024.: n\..c\.$/u,
    )
  })

  test('has a stated level as a number, but no platform’s default', () => {
    const confidenceOf = (confidence: DetectionInput['confidence']) =>
      objectsOf(reportOn([detectionAsOf({ confidence })]), 'incident')[0]?.confidence
    expect([
      confidenceOf({ level: 'moderate' }),
      confidenceOf({ score: 70, level: 'low' }),
      confidenceOf({ score: 100, platformDefault: true }),
    ]).toEqual([50, 70, undefined])
  })

  test('targets the territories of its detections within the edition, and no edition', () => {
    const report = reportOn([detectionAsOf({ territories: ['NC', 'COR'] }), detectionAsOf({ id: 'b' })])
    const targetsIn = (code: 'NC' | 'ALL' | 'ANTILLES') => {
      const { objects } = stixBundle({ ...report, territory: { ...report.territory, code } })
      const places = new Map(objects.flatMap(({ id, type, name }) => (type === 'location' ? [[id, name]] : [])))
      const targets = objects.filter(({ relationship_type: type }) => type === 'targets')
      expect(new Set(targets.map(({ target_ref: to }) => to))).toEqual(new Set(places.keys()))
      return targets.map(({ target_ref: to }) => places.get(String(to))).sort()
    }
    expect(targetsIn('NC')).toEqual(['New Caledonia', 'New Caledonia'])
    expect(targetsIn('ALL')).toEqual(['Corsica', 'New Caledonia', 'New Caledonia'])
    expect(targetsIn('ANTILLES')).toEqual([])
  })

  test('is kept by OpenCTI, apart from what is accepted', () => {
    const ends = { from: { name: 'BIG', kind: 'organisation' }, to: { name: 'Azerbaijan', kind: 'state' } } as const
    const link = { ...ends, fact: { en: 'Registered there.' }, attributedBy: 'VIGINUM' }
    const replies = [{ by: 'BIG', text: { en: 'It rejects this.' } }]
    const actor = { name: 'Azerbaijan', attributedBy: 'VIGINUM', links: [link, { ...link, date: '2024' }], replies }
    const full = reportOn([
      detectionAsOf({ ...everything, territories: ['NC', 'COR'], actor }),
      detectionAsOf({ ...everything, id: 'part', partOf: 'nc-1' }),
    ])
    const national = { ...full, territory: { ...full.territory, code: 'ALL' as const } }
    const lost = [full, reportOn([]), national].map((report) => openCtiLosses(stixBundle(report).objects))
    expect(lost.flat().filter((name) => !(name in acceptedLosses))).toEqual([])
    expect(new Set(lost.flat())).toEqual(new Set(Object.keys(acceptedLosses)))
  })
})

describe('ids', () => {
  test('are UUIDs of version 5, for observables those of the standard', () => {
    expect(uuidV5('www.example.com', '6ba7b810-9dad-11d1-80b4-00c04fd430c8')).toBe(
      '2ed6657d-e927-568b-95e1-2665a8aea6a2',
    )
    const report = reportOn([detectionAsOf({ indicators: [{ type: 'domain', value: 'example.com' }] })])
    expect(objectsOf(report, 'domain-name')[0]?.id).toBe('domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7')
  })

  test('of observables are those of another library', () => {
    const domainOrNot = fc.constantFrom('example.org', 'ə-əxbar.az', 'xn--e1afmkfd.example')
    fc.assert(
      fc.property(domainOrNot, fc.ipV4(), fc.ipV6(), fc.webUrl(), (domain, v4, v6, url) => {
        const values = { domain, 'ip 4': v4, 'ip 6': v6, url }
        const indicators = Object.entries(values).map(([type, value]) => ({ type: type.split(' ')[0] as 'ip', value }))
        const ids = stixBundle(reportOn([detectionAsOf({ indicators })])).objects.map(({ id }) => id)
        const theirs = [
          generateDomainNameId(domain),
          generateIPv4AddrId(v4),
          generateIPv6AddrId(v6),
          generateUrlId(url),
        ]
        expect(ids).toEqual(expect.arrayContaining(theirs))
      }),
      { numRuns: 25 },
    )
  })

  test('include the organisation as the producer', () => {
    const report = { ...reportOn([detectionAsOf({})]), house: { organisation: 'Cellule de veille' } }
    const [producer, ...others] = stixBundle(report).objects.filter(({ type }) => type === 'identity')
    expect(producer).toMatchObject({ name: 'Cellule de veille', identity_class: 'organization' })
    expect(others).toEqual([])
    expect(stixFaults(stixBundle(report))).toEqual([])
  })

  test('of a detection are the same in every report', () => {
    const one = detectionAsOf({ ...everything, territories: ['NC', 'PF'] })
    const [inNc] = objectsOf(reportOn([one]), 'incident')
    const [inPf] = objectsOf(reportOn([one], { territory: 'PF', cap: 'TLP:GREEN' }), 'incident')
    expect(inPf).toEqual(inNc)
  })
})

describe('an impersonated identity', () => {
  const impersonates = everything.impersonates ?? []

  test('is an object unless it is a person, and is ingested again as it was', () => {
    const report = reportOn([detectionAsOf(everything)])
    const objects = new Map(stixBundle(report).objects.map((one) => [one.id, one]))
    const taking = objectsOf(report, 'relationship').filter((one) => one.description === 'Impersonated by it.')
    expect(taking.map(({ target_ref: to }) => objects.get(String(to))?.name).sort()).toEqual(['The Beacon', 'Tower'])
    expect(ingested(report).detections[0]?.impersonates).toEqual(impersonates)
  })
})

describe('ingested again', () => {
  test('gives the same manoeuvres', () => {
    const report = reportOn([detectionAsOf(everything), detectionAsOf({ id: 'part', partOf: 'nc-1' })])
    expect(reportOn(sightingsIn(report)).manoeuvres).toEqual(report.manoeuvres)
  })

  test('uses every object, without notes', () => {
    const part = detectionAsOf({ id: 'part', partOf: 'nc-1' })
    const { detections, unused, noted } = ingested(reportOn([detectionAsOf(everything), part]))
    expect(detections.map(({ id, partOf }) => [id, partOf])).toEqual([
      ['nc-1', undefined],
      ['part', 'nc-1'],
    ])
    expect({ unused, noted }).toEqual({ unused: {}, noted: {} })
  })

  test('gives no detection of a quiet report', () => {
    expect(ingested(reportOn([])).detections).toEqual([])
  })

  test('never lowers a marking by the extension', () => {
    const bundle = stixBundle(reportOn([detectionAsOf({ ...everything, marking: 'TLP:AMBER' })]))
    const text = JSON.stringify(bundle).replaceAll('"marking":"TLP:AMBER"', '"marking":"TLP:CLEAR"')
    const [record] = readStix(text, { file: 'x' }).records
    expect(record).toMatchObject({ detection: { marking: 'TLP:AMBER' } })
  })

  test('rejects an invalid extension', () => {
    const bundle = stixBundle(reportOn([detectionAsOf(everything)]))
    const text = JSON.stringify(bundle).replace('"kind":"copy-paste"', '"kind":"rumour"')
    const [record] = readStix(text, { file: 'x' }).records
    expect(record).toMatchObject({ reject: { path: 'kind' } })
    expect(text).toContain(vigieExtension)
  })

  test('keeps “about 0”', () => {
    const posts = { value: 0, qualifier: 'about' as const }
    const report = reportOn([detectionAsOf({ kind: 'offline-event', counts: { posts } })])
    expect(ingested(report).detections[0]?.counts).toEqual({ posts })
  })

  test('gives a whole its own figures, without those of its parts', () => {
    const whole = detectionAsOf({ id: 'w', counts: { posts: 900, accounts: 3 } })
    const parts = ['p', 'q'].map((id) => detectionAsOf({ id, partOf: 'w', counts: { posts: 535, accounts: 90 } }))
    const report = reportOn([whole, ...parts])
    expect(report.manoeuvres[0]?.figures.posts).toEqual({ value: 1070, qualifier: 'at least' })
    const back = ingested(report).detections.find(({ id }) => id === 'w')
    expect(back?.counts).toEqual({
      posts: { value: 900, qualifier: 'exact' },
      accounts: { value: 3, qualifier: 'exact' },
    })
  })

  test('gives an estimate that is also a floor as an estimate', () => {
    const day = { day: '2024-05-14', posts: { value: 9, qualifier: 'about' as const } }
    const report = reportOn([detectionAsOf({ observed: { from: '2024-05-14' }, counts: { posts: 5, byDay: [day] } })])
    expect(report.manoeuvres[0]?.figures.posts).toEqual({ value: 9, qualifier: 'at least about' })
    expect(ingested(report).detections[0]?.counts).toEqual({ posts: { value: 9, qualifier: 'about' } })
  })

  test('keeps posts by interval and a supposed origin', () => {
    const said = {
      counts: {
        posts: 12,
        byInterval: [
          { from: '2024-05-15T03:00:00Z', minutes: 10 as const, posts: { value: 12, qualifier: 'about' as const } },
        ],
      },
      supposedOrigin: {
        zone: 'Asia/Baku',
        by: { en: 'A unit', fr: 'Une unité' },
        holidays: { calendar: 'Azerbaijan', days: [{ day: '2024-05-28', name: 'Independence Day' }] },
      },
      timeZoneUnknown: true,
    }
    const [back] = ingested(reportOn([detectionAsOf(said)])).detections
    const { counts, supposedOrigin, timeZoneUnknown } = detectionAsOf(said).detection
    expect(back).toMatchObject({ counts, supposedOrigin, timeZoneUnknown })
  })

  test('gives the same figures', () => {
    fc.assert(
      fc.property(detectionsAsOf, (found) => {
        const report = reportOn(found)
        const again = reportOn(sightingsIn(report))
        expect(stixFaults(stixBundle(report))).toEqual([])
        const shown = new Set(report.manoeuvres.flatMap(({ id, parts }) => [id, ...parts.map((part) => part.id)]))
        const isOpen = found.some(({ detection: { partOf } }) => partOf !== undefined && !shown.has(partOf))
        if (!isOpen) expect(again.totals.posts).toEqual(report.totals.posts)
        expect(again.totals.detections).toBe(report.totals.detections)
        expect(again.marking).toBe(report.marking)
        expect(objectsOf(again, 'incident')).toEqual(objectsOf(report, 'incident'))
      }),
    )
  })
})

describe('a chain of actors', () => {
  const link = {
    from: { name: { en: 'BIG', fr: 'Le BIG' }, kind: 'organisation' },
    to: { name: 'Azerbaijan', kind: 'state' },
    basis: 'administrative',
    fact: { en: 'Registered for tax there.', fr: 'Immatriculé auprès du fisc.' },
    date: '2024-01',
    source: { title: { en: 'Press account' }, date: '2024-12-02', archiveUrl: 'https://web.archive.org/web/1/x' },
    attributedBy: 'VIGINUM',
    confidence: { level: 'moderate' },
  } as const
  const links = [
    link,
    { ...link, basis: 'declarative', confidence: { score: 100, platformDefault: true }, likelihood: 'likely' },
    {
      ...link,
      from: { name: 'Cluster', kind: 'account set' },
      to: link.from,
      relation: 'amplify each other',
      basis: undefined,
    },
    { ...link, basis: 'technical', confidence: undefined, marking: 'TLP:AMBER' },
  ] as const
  const replies = [{ by: 'BIG', text: { en: 'It rejects this.' }, date: '2024-12', marking: 'TLP:AMBER' }] as const
  const actor = { name: 'Azerbaijan / BIG', attributedBy: 'VIGINUM', links: [...links], replies: [...replies] }
  const report = reportOn([detectionAsOf({ ...everything, actor, marking: 'TLP:GREEN' })])
  const relationships = () => {
    const { objects } = stixBundle(report)
    const of = new Map(objects.map((object) => [object.id, object]))
    const named = (id: unknown) => of.get(String(id))?.name
    return objects
      .filter(({ extensions }) => JSON.stringify(extensions ?? {}).includes('"link"'))
      .map((object): Record<string, unknown> => ({
        ...object,
        source: named(object.source_ref),
        target: named(object.target_ref),
        author: named(object.created_by_ref),
      }))
  }

  test('is STIX 2.1, with one object for each actor', () => {
    expect(stixFaults(stixBundle(report))).toEqual([])
    expect(
      objectsOf(report, 'threat-actor')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['Azerbaijan', 'BIG'])
    expect(objectsOf(report, 'channel').map(({ name }) => name)).toEqual(['Cluster'])
  })

  test('has a relationship for each link, in its author’s name, with its basis', () => {
    expect(relationships()).toContainEqual(
      expect.objectContaining({
        relationship_type: 'related-to',
        ...{ source: 'BIG', target: 'Azerbaijan', author: 'VIGINUM' },
        description:
          'Attributed to Azerbaijan. According to VIGINUM, administrative: Registered for tax there. Date of the fact: 2024-01.',
        confidence: 50,
        external_references: [
          {
            source_name: 'Press account',
            description: 'Press account, 2024-12-02',
            url: 'https://web.archive.org/web/1/x',
          },
        ],
      }),
    )
    expect(relationships()).toContainEqual(
      expect.objectContaining({ relationship_type: 'related-to', source: 'Cluster', target: 'BIG' }),
    )
  })

  test('has no default confidence of a platform, but the number of a likelihood', () => {
    expect(relationships().find(({ description }) => /declarative/.test(String(description)))).toMatchObject({
      confidence: 70,
    })
    expect(relationships().find(({ description }) => /technical/.test(String(description)))).not.toHaveProperty(
      'confidence',
    )
  })

  test('has the own marking of each link and reply', () => {
    const strict = relationships().find(({ description }) => /technical/.test(String(description)))
    expect(strict?.object_marking_refs).toEqual([tlpDefinitions['TLP:AMBER']])
    expect(objectsOf(report, 'note').map((one) => one.object_marking_refs)).toEqual([[tlpDefinitions['TLP:AMBER']]])
    const [incident] = objectsOf(report, 'incident')
    expect(incident?.object_marking_refs).toEqual([tlpDefinitions['TLP:GREEN']])
    expect(JSON.stringify(incident)).not.toContain('Registered for tax')
  })

  test('is ingested again as it was', () => {
    const { detections, unused } = ingested(report)
    expect(unused).toEqual({})
    const clean = JSON.parse(JSON.stringify(links)) as readonly { readonly relation?: string }[]
    expect(detections[0]).toMatchObject({
      marking: 'TLP:GREEN',
      actor: {
        name: 'Azerbaijan / BIG',
        links: clean.map((one) => ({
          ...one,
          relation: one.relation ?? 'attributed to',
          source: {
            ...link.source,
            title: { en: 'Press account' },
            archiveUrl: '[https]://web[.]archive[.]org/web/1/x',
          },
        })),
        replies: [{ by: 'BIG', marking: 'TLP:AMBER' }],
      },
    })
  })
})
