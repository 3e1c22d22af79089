import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { builtInDisarm } from '../../lambdas/domain/detection/frameworks/disarm-built-in.ts'
import { currentOf } from '../../lambdas/domain/detection/frameworks/disarm.ts'
import { type DisarmFiles, readDisarm, TaxonomyError, type TextFile } from '../../tools/disarm/read-disarm.ts'
import { isShared, shared } from '../support/intake.ts'
import { bundle, campaign, stixObject } from '../support/stix.ts'

const tactic = (id: string, name: string, slug: string, fields: Record<string, unknown> = {}) =>
  stixObject('x-mitre-tactic', name, {
    external_references: [{ source_name: 'DISARM', external_id: id }],
    x_mitre_shortname: slug,
    ...fields,
  })

const pattern = (id: string, name: string, slug: string, fields: Record<string, unknown> = {}) =>
  stixObject('attack-pattern', name, {
    kill_chain_phases: [{ kill_chain_name: 'mitre-attack', phase_name: slug }],
    external_references: [{ source_name: 'whatever', external_id: id }],
    ...fields,
  })

const strategy = tactic('TA01', 'Plan Strategy', 'plan-strategy')
const content = tactic('TA06', 'Develop Content', 'develop-content')
const copypasta = pattern('T0084.001', 'Use Copypasta', 'develop-content')
const existing = pattern('T0015.001', 'Use Existing Hashtag', 'develop-content')

const file = (text: string, name = 'DISARM.json'): TextFile => ({ file: name, text })

const read = (objects: readonly unknown[], more: Partial<DisarmFiles> = {}) =>
  readDisarm({ bundle: file(bundle(...objects)), release: '1.6', ...more })

const whole = [strategy, content, copypasta, existing]

describe('a bundle', () => {
  test('becomes tactics by rank and techniques by id, with the known French names', () => {
    const { taxonomy, noted } = read([copypasta, existing, content, strategy])
    expect(taxonomy).toMatchObject({ version: '1.6' })
    expect(taxonomy.tactics.map(({ id, rank, phase }) => [id, rank, phase])).toEqual([
      ['TA01', 1, 'P01'],
      ['TA06', 5, 'P02'],
    ])
    expect(taxonomy.techniques).toEqual([
      { id: 'T0015.001', tactic: 'TA06', names: { en: 'Use Existing Hashtag' } },
      { id: 'T0084.001', tactic: 'TA06', names: { en: 'Use Copypasta', fr: 'Avoir recours au copypasta' } },
    ])
    const removed = taxonomy.removed.map(({ id }) => id)
    expect(removed).toEqual(expect.arrayContaining(['T0099.001', 'T0104.005']))
    // The bundle lacks its successor.
    expect(removed).not.toContain('T0104.006')
    expect(noted).toEqual({})
  })

  test('ranks tactics by its matrix, or takes them from the kill chain phases', () => {
    const matrix = stixObject('x-mitre-matrix', 'DISARM', { tactic_refs: [content.id, strategy.id] })
    expect(read([...whole, matrix]).taxonomy.tactics.map(({ id }) => id)).toEqual(['TA06', 'TA01'])
    expect(read([copypasta]).taxonomy.tactics.map(({ id, rank }) => [id, rank])).toEqual([['TA06', 5]])
  })

  test('removes a revoked technique', () => {
    const revoked = pattern('T0090', 'Create Inauthentic Accounts', 'develop-content', { revoked: true })
    expect(currentOf(read([...whole, revoked]).taxonomy, 'T0090').state).toBe('without equivalent')
  })

  test('has its version in the file name or an option', () => {
    const version = (name: string, release?: string) =>
      readDisarm({ bundle: file(bundle(...whole), name), release }).taxonomy.version
    expect(version('/data/v2/disarm-v1.6.stix.json')).toBe('1.6')
    expect(version('disarm-v1.6.stix.json', 'v1.7')).toBe('1.7')
    expect(() => version('DISARM.json')).toThrow(/does not say which version .* --release 1\.6/)
    expect(() => version('DISARM.json', 'latest')).toThrow(/"latest" is no version/)
  })

  test.each<[string, readonly unknown[], RegExp]>([
    ['of cases', [...whole, campaign('BIG')], /holds a campaign, so it is no framework: vigie ingest takes it/],
    ['of ATT&CK', [tactic('TA0001', 'Initial Access', 'initial-access')], /no DISARM bundle: its tactics are TA0001/],
    ['without tactics', [stixObject('identity', 'DISARM Foundation')], /has no tactics/],
    ['without techniques', [strategy], /has no techniques with an external_id such as T0084\.001/],
    ['with a technique twice', [...whole, { ...copypasta, id: 'attack-pattern--x' }], /T0084\.001 twice/],
    ['with two of one rank', [...whole, tactic('TA06', 'Again', 'again')], /tactic TA06 twice/],
    ['with a technique of no tactic', [...whole, pattern('T0001', 'Odd', 'odd')], /T0001 names the tactics odd/],
    ['with an unknown tactic', [...whole, tactic('TA19', 'New', 'new')], /in which phase TA19 \(New\) .*: .* --names/],
    ['with a nameless technique', [strategy, pattern('T0001', '', 'plan-strategy')], /T0001 has no name/],
  ])('%s is refused', (_, objects, message) => {
    expect(() => read(objects)).toThrow(message)
    expect(() => read(objects)).toThrow(TaxonomyError)
  })

  test.each(['{', '{"type":"bundle"}', 'null'])('cannot be %j', (text) => {
    expect(() => readDisarm({ bundle: file(text), release: '1.6' })).toThrow(/DISARM\.json is no (JSON|STIX bundle)/)
  })
})

describe('a crosswalk', () => {
  const crosswalk = (...rows: readonly string[]) =>
    file(['old_id,old_name,documented_successor,documented_successor_gone', ...rows].join('\n'), 'x.csv')

  test('has successors, one or several, and removed successors', () => {
    const { taxonomy } = read(whole, {
      crosswalk: crosswalk('T0019,Old,T0084.001;T0015.001,', 'T0099.001,"Astro, turfing",,T0142', 'T0007,Pages,,'),
    })
    const named = new Set(['T0007', 'T0019', 'T0099.001', 'T0104.005'])
    expect(taxonomy.removed.filter(({ id }) => named.has(id))).toEqual([
      { id: 'T0007', name: 'Pages', successors: [], gone: [] },
      { id: 'T0019', name: 'Old', successors: ['T0015.001', 'T0084.001'], gone: [] },
      { id: 'T0099.001', name: 'Astro, turfing', successors: [], gone: ['T0142'] },
      { id: 'T0104.005', name: 'Use Hashtags', successors: ['T0015.001'], gone: [] },
    ])
  })

  test.each([
    [crosswalk('T0019,Old,T0068,'), /x\.csv, line 2: T0019 has the successor T0068, which v1\.6 does not have/],
    [crosswalk('T0084.001,Old,,'), /T0084\.001 is still an id of v1\.6/],
    [crosswalk('T19,Old,,'), /"T19" is no id such as T0084\.001/],
    [crosswalk('T0019,Old,,\nT0019,Old,T0084.001,'), /line 3: T0019 .* twice/],
    [crosswalk('T0019,Old'), /x\.csv is no CSV with a head: .*line 2/i],
    [file('a,b\n1,2', 'x.csv'), /has the columns a, b: a crosswalk needs/],
  ])('is refused with its line: %j', (wrong, message) => {
    expect(() => read(whole, { crosswalk: wrong })).toThrow(message)
  })
})

describe('names', () => {
  const names = (text: string) => [file(text, 'n.csv')]

  test('translate tactics and techniques; rows of other ids are counted', () => {
    const { taxonomy, noted } = read(whole, {
      names: [
        ...names("\ufefftactic_id,name_fr,name_en\nTA06,L'essai,x\nTA99,Rien,x\n"),
        ...names('id,name_en,name_fr_v1.3\nT0015.001,x,Mot-dièse\nT0084.001,x,\n'),
      ],
    })
    expect(taxonomy.tactics[1]?.names.fr).toBe('L’essai')
    expect(taxonomy.techniques.map(({ names: { fr } }) => fr)).toEqual(['Mot-dièse', 'Avoir recours au copypasta'])
    expect(Object.values(noted)).toEqual([1])
  })

  test('place an unknown tactic', () => {
    const given = names('disarm_id,name,phase_id,rank\nTA19,New,P04,17\n')
    const { taxonomy } = read([...whole, tactic('TA19', 'New', 'new')], { names: given })
    expect(taxonomy.tactics.at(-1)).toEqual({ id: 'TA19', rank: 17, phase: 'P04', names: { en: 'New' } })
  })

  test.each([
    ['a,b\n1,2', /n\.csv has the columns a, b: give an id/],
    ['id,name_fr\nT1,x', /n\.csv, line 2: "T1" is no id/],
    ['disarm_id,phase_id,rank\nTA06,P9,1', /TA06 is in phase P9: phases are P01/],
    ['disarm_id,phase_id,rank\nTA06,P01,x', /TA06 has rank x/],
    ['disarm_id,phase_id,rank\nTA06,P01,1', /both have rank 1/],
  ])('%j are refused', (text, message) => {
    expect(() => read(whole, { names: names(text) })).toThrow(message)
  })
})

describe.skipIf(!isShared)('the official bundle (skipped where ../shared/data is absent)', () => {
  const official = (name: string): TextFile => ({ file: name, text: readFileSync(shared(`disarm/${name}`), 'utf8') })

  test('is the built-in taxonomy: 16 tactics, 391 techniques and 49 removed ids', () => {
    const { taxonomy, noted } = readDisarm({
      bundle: official('disarm-v1.6.stix.json'),
      crosswalk: official('removed-ids.csv'),
      names: ['tactics-fr-v1.3.csv', 'techniques-v1.6.csv', 'tactics.csv'].map(official),
    })
    expect(taxonomy).toEqual(builtInDisarm)
    const { version, phases, tactics, techniques, removed } = taxonomy
    expect(version).toBe('1.6')
    expect([phases.length, tactics.length, techniques.length, removed.length]).toEqual([4, 16, 391, 49])
    expect(removed.filter(({ successors }) => successors.length > 0)).toHaveLength(6)
    expect(noted).toEqual({})
  })

  test('has the names of its own sheets, with French ones where v1.3 had the same English name', () => {
    const rows: readonly Readonly<Record<string, string>>[] = parse(official('techniques-v1.6.csv').text, {
      columns: true,
      bom: true,
    })
    // One cell is a remark by the translator.
    const french = (name = '') =>
      name === '' || name.startsWith('Pas de traduction') ? undefined : name.replaceAll("'", '’').replace(/ +/g, ' ')
    expect(builtInDisarm.techniques.map(({ id, names }) => [id, names.en, names.fr])).toEqual(
      rows.map(({ id, name_en, ...more }) => [id, name_en, french(more['name_fr_v1.3'])]),
    )
  })

  test('has ranks and phases without a CSV', () => {
    const bare = readDisarm({ bundle: official('disarm-v1.6.stix.json') }).taxonomy
    const places = ({ tactics }: typeof bare) => tactics.map(({ id, rank, phase }) => [id, rank, phase])
    expect(places(bare)).toEqual(places(builtInDisarm))
    expect(currentOf(bare, 'T0104.005')).toMatchObject({ state: 'replaced' })
  })
})
