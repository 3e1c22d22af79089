/** Shows, finds, searches and explains stored detections, within a reader's rights. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { explanationLines } from '../../../bin/cli/output/detection-lines.ts'
import { type Caller, everything } from '../../../lambdas/domain/access/caller.ts'
import type { Marking } from '../../../lambdas/domain/core/marking.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import type { Table } from '../../../lambdas/store/table/table.ts'
import { explainDetection } from '../../../lambdas/usecases/detections/explain-detection.ts'
import { countDetections, findDetections } from '../../../lambdas/usecases/detections/find-detections.ts'
import { searchDetections } from '../../../lambdas/usecases/detections/search-detections.ts'
import { showDetection } from '../../../lambdas/usecases/detections/show-detection.ts'
import { undoBatch } from '../../../lambdas/usecases/ingest/undo-batch.ts'
import { generateReport } from '../../../lambdas/usecases/reports/generate-report.ts'
import type { Services } from '../../../lambdas/usecases/services.ts'
import { storesIn } from '../../../lambdas/usecases/stores.ts'
import { newFolder } from '../../support/cli.ts'
import { decideAll } from '../../support/contested.ts'
import { input } from '../../support/detections.ts'
import { ingestInto, type Opened, openServices } from '../../support/services.ts'

let opened: Opened
let services: Services
let remove: () => Promise<void>
let batch: string

const both = input({
  id: 'both',
  marking: 'TLP:GREEN',
  territories: ['NC', 'PF'],
  title: { fr: 'Élections à Nouméa' },
})

const at = (instant: string) => opened.at(instant)

beforeAll(async () => {
  const made = await newFolder()
  remove = made.remove
  opened = await openServices(made.folder)
  services = opened.services
  await ingestInto(opened, [
    input({ id: 'whole', marking: 'TLP:RED', campaign: 'Matriochka' }),
    input({
      id: 'part',
      partOf: 'whole',
      marking: 'TLP:GREEN',
      campaign: 'Matriochka',
      detector: { name: 'Secret detector', marking: 'TLP:RED' },
      indicators: [{ type: 'url', value: 'https://www.sub.example.org/page' }],
      accountRefs: ['acct-7'],
    }),
    both,
    input({ id: 'nowhere', marking: 'TLP:GREEN', territories: [] }),
  ])
  at('2024-05-21T00:00:00.000Z')
  await ingestInto(opened, [{ ...both, territories: ['PF'], counts: { posts: 7 } }])
  batch = (await services.batches.list())[0]?.name ?? ''
  at('2024-05-22T00:00:00.000Z')
})
afterAll(async () => {
  await opened.close()
  await remove()
})

const upTo = (clearance: Marking, territories = everything.territories): Caller => ({
  ...everything,
  clearance,
  territories,
})
const asked = { limit: 10, days: parsePeriod('2024-05') }
const idsOf = ({ detections }: { readonly detections: readonly { readonly id: string }[] }) =>
  detections.map(({ id }) => id)

describe('a reader', () => {
  test('sees no whole and no detector above its clearance', async () => {
    const green = await showDetection('part', upTo('TLP:GREEN'), services)
    expect(green).toMatchObject({ id: 'part', detector: 'not named at this marking' })
    expect(green).not.toHaveProperty('partOf')
    expect(await showDetection('part', everything, services)).toMatchObject({
      detector: 'Secret detector',
      partOf: 'whole',
    })
    const byName = { ...asked, detector: 'secret detector' }
    expect(idsOf(await findDetections(byName, upTo('TLP:GREEN'), services))).toEqual([])
    expect(idsOf(await findDetections(byName, everything, services))).toEqual(['part'])
    const explained = await explainDetection(
      'part',
      { territory: 'NC', period: asked.days },
      upTo('TLP:GREEN'),
      services,
    )
    expect(explained?.report?.standings.at(-1)).toMatchObject({ state: 'counted', open: true })
    expect(JSON.stringify(explained)).not.toMatch(/whole"|Secret|batch/)
  })

  test('sees no revision above its clearance, by any way to the detection', async () => {
    const first = input({ id: 'quoted', marking: 'TLP:GREEN', title: { fr: 'Salve revue' }, campaign: 'Revue' })
    at('2024-05-22T01:00:00.000Z')
    await ingestInto(opened, [first])
    at('2024-05-22T02:00:00.000Z')
    await ingestInto(opened, [{ ...first, quotes: [{ text: 'x', language: 'fr', marking: 'TLP:RED' }] }])
    at('2024-05-22T03:00:00.000Z')
    const revisions = async (caller: Caller) => {
      const lists = [
        findDetections({ ...asked, campaign: 'Revue' }, caller, services),
        searchDetections('quoted', { ...asked, by: 'key' }, caller, services),
        searchDetections('Revue', { ...asked, by: 'key' }, caller, services),
        searchDetections('salve revue', { ...asked, by: 'words' }, caller, services),
      ]
      const found = [
        ...(await Promise.all(lists)).map(({ detections }) => detections.find(({ id }) => id === 'quoted')),
        await showDetection('quoted', caller, services),
        (await explainDetection('quoted', undefined, caller, services))?.detection,
      ]
      return found.map((one) => [one?.revision, one?.storedAt])
    }
    const as = (revision: number, storedAt: string) => Array.from({ length: 6 }, () => [revision, storedAt])
    expect(await revisions(upTo('TLP:GREEN'))).toEqual(as(1, '2024-05-22T01:00:00.000Z'))
    expect(await revisions(everything)).toEqual(as(2, '2024-05-22T02:00:00.000Z'))
    await services.detections.withdraw(
      'quoted',
      { by: 'a test', reason: 'a test' },
      new Date('2024-05-22T03:00:00.000Z'),
    )
  })

  test('sees no detection that has other territories too', async () => {
    const noumea = upTo('TLP:RED', ['NC'])
    expect(idsOf(await findDetections(asked, noumea, services))).toEqual(['whole', 'part'])
    expect(await showDetection('nowhere', noumea, services)).toBeUndefined()
    expect(await showDetection('nowhere', everything, services)).toBeDefined()
  })

  test('causes the same reads for a hidden id as for an unknown one', async () => {
    const calls: string[] = []
    const { table } = opened
    const seen = new Proxy(table, {
      get: (target, name: keyof Table) => {
        const method = target[name] as (...given: readonly unknown[]) => unknown
        return (...given: readonly unknown[]) => {
          calls.push(`${name} ${JSON.stringify(given).replaceAll(/whole|nobody/gi, 'ID')}`)
          return method.apply(target, [...given])
        }
      },
    })
    const watched = { ...services, ...storesIn(seen) }
    const readFor = async (id: string) => {
      calls.length = 0
      expect(await showDetection(id, upTo('TLP:AMBER'), watched)).toBeUndefined()
      expect(await explainDetection(id, undefined, upTo('TLP:AMBER'), watched)).toBeUndefined()
      await searchDetections(id, { ...asked, by: 'key' }, upTo('TLP:AMBER'), watched)
      return [...calls]
    }
    expect(await readFor('whole')).toEqual(await readFor('nobody'))
  })
})

describe('a search', () => {
  test.each([
    ['elections nouMEA', ['both']],
    ['elections noumea encore', []],
    ['burst', ['whole', 'part']],
    ['sub.example.org', []],
    ['hxxps://www.sub.example[.]org/other', ['part']],
    ['ursts', []],
  ])('for %s finds the detections with these words', async (text, ids) => {
    const found = await searchDetections(text, asked, everything, services)
    expect([found.by, idsOf(found).sort()]).toEqual(['words', [...ids].sort()])
  })

  test('finds a territory and an actor by any of their names, within the reader’s rights', async () => {
    const searched = async (text: string, caller: Caller) =>
      idsOf(await searchDetections(text, asked, caller, services))
    await ingestInto(opened, [
      input({
        id: 'named',
        marking: 'TLP:AMBER',
        territories: ['WF'],
        actor: { name: 'Russie', attributedBy: 'SEAE' },
      }),
    ])
    for (const text of ['Russia', 'Fédération de Russie', 'futuna']) {
      expect([text, await searched(text, everything)]).toEqual([text, ['named']])
      expect([text, await searched(text, upTo('TLP:GREEN'))]).toEqual([text, []])
      expect([text, await searched(text, upTo('TLP:RED', ['NC']))]).toEqual([text, []])
    }
    await services.detections.withdraw(
      'named',
      { by: 'a test', reason: 'a test' },
      new Date('2024-05-22T03:00:00.000Z'),
    )
  })

  test('for an account’s pseudonym finds it', async () => {
    const { pseudonym } = await opened.context.pseudonyms()
    expect(idsOf(await searchDetections(pseudonym('acct-7'), asked, everything, services))).toEqual(['part'])
  })

  test('for a key finds it over all time', async () => {
    at('2025-05-22T00:00:00.000Z')
    const searched = async (key: string) => idsOf(await searchDetections(key, { limit: 10 }, everything, services))
    expect(await searched('matriochka')).toEqual(['whole', 'part'])
    expect(await searched('nowhere')).toEqual(['nowhere'])
    expect(await searched('NOWHERE')).toEqual(['nowhere'])
    expect(await searched(batch)).toEqual(['both'])
    expect(await searched('burst')).toEqual([])
    expect(idsOf(await searchDetections(batch, { limit: 10 }, upTo('TLP:RED', ['PF']), services))).toEqual([])
    at('2024-05-22T00:00:00.000Z')
  })

  test('for words finds it over all time where few days have detections', async () => {
    at('2026-05-22T00:00:00.000Z')
    const searched = (more = {}) => searchDetections('élections', { limit: 10, ...more }, everything, services)
    expect(idsOf(await searched())).toEqual([])
    const found = await searched({ changedDays: services.changedDays })
    expect(idsOf(found)).toEqual(['both'])
    expect(found).not.toHaveProperty('days')
    at('2024-05-22T00:00:00.000Z')
  })

  test('suggests names that may be meant, within the reader’s rights', async () => {
    const wrong = 'Matryoshki'
    expect((await searchDetections(wrong, asked, upTo('TLP:GREEN'), services)).meant).toEqual(['Matryoshka'])
    expect((await searchDetections(wrong, asked, upTo('TLP:CLEAR'), services)).meant).toEqual([])
  })
})

test('explains revisions, with the batch of each for operators', async () => {
  const told = await explainDetection('both', undefined, everything, services)
  expect(told?.revisions).toMatchObject([
    { revision: 1, storedAt: '2024-05-20T00:00:00.000Z', batch: { sender: 'this machine' } },
    { revision: 2, changed: ['counts.posts', 'territories'], batch: { name: batch } },
  ])
  await services.detections.withdraw('both', { by: 'a test', reason: 'a false alarm' }, services.clock())
  const after = await explainDetection('both', { territory: 'PF', period: asked.days }, everything, services)
  expect(after).toMatchObject({ status: 'withdrawn', reason: 'a false alarm' })
  expect(after?.revisions.map(({ status }) => status)).toEqual(['active', 'active', 'withdrawn'])
  expect(new Set(after?.report?.standings.map(({ because }) => because))).toEqual(new Set(['withdrawn']))
  expect(await showDetection('both', everything, services)).toBeUndefined()
  expect(await explainDetection('both', undefined, upTo('TLP:GREEN'), services)).not.toHaveProperty('reason')
})

test('keeps batch and instant of a detection that is placed later', async () => {
  at('2024-05-23T00:00:00.000Z')
  await ingestInto(opened, [input({ id: 'later', territories: [] })])
  const [came] = await services.batches.list()
  at('2024-05-24T00:00:00.000Z')
  await services.detections.assignTerritories(
    'later',
    [{ code: 'MQ', method: 'analyst' }],
    { by: 'a test' },
    services.clock(),
  )
  at('2024-05-25T00:00:00.000Z')
  await ingestInto(opened, [input({ id: 'later', territories: [], counts: { posts: 2 } })])
  const told = await explainDetection('later', undefined, everything, services)
  expect(told?.revisions).toMatchObject([
    { revision: 1, storedAt: '2024-05-23T00:00:00.000Z', batch: { name: came?.name } },
    { revision: 2, storedAt: '2024-05-24T00:00:00.000Z', changed: ['territories'] },
    { revision: 3, changed: ['counts.posts'] },
  ])
  expect((await Array.fromAsync(services.detections.unplaced())).map(({ detection }) => detection.id)).not.toContain(
    'later',
  )
})

test('explains the revision that an undoing made', async () => {
  at('2024-05-25T10:00:00.000Z')
  await ingestInto(opened, [input({ id: 'back', counts: { posts: 1 } })])
  const [first] = await services.batches.list()
  at('2024-05-25T11:00:00.000Z')
  await ingestInto(opened, [input({ id: 'back', counts: { posts: 2 } })])
  const [second] = await services.batches.list()
  at('2024-05-25T12:00:00.000Z')
  await undoBatch(second?.name ?? '', 'Ana Martin', services, 'the wrong file')
  const told = await explainDetection('back', undefined, everything, services)
  const act = { did: 'undone', by: 'Ana Martin', reason: 'the wrong file', batch: second?.name }
  expect(told?.revisions).toMatchObject([
    { revision: 1, batch: { name: first?.name } },
    { revision: 2, batch: { name: second?.name } },
    { revision: 3, storedAt: '2024-05-25T12:00:00.000Z', changed: ['counts.posts'], act },
  ])
  expect(told?.revisions[2]).not.toHaveProperty('batch')
  expect(
    explanationLines(told as NonNullable<typeof told>)
      .join(' ')
      .replaceAll(/\s+/g, ' '),
  ).toContain(
    `3 2024-05-25T12:00:00.000Z undone with the intake ${second?.name}, by Ana Martin (the wrong file) changed counts.posts`,
  )
})

test('a search finds unplaced detections, within the reader’s rights', async () => {
  at('2024-05-26T00:00:00.000Z')
  await ingestInto(opened, [
    input({
      id: 'nowhere-yet',
      territories: [],
      title: { fr: 'Œuvre noire' },
      hashtags: ['#remous'],
      campaign: 'Ombre',
    }),
    input({ id: 'somewhere', title: { fr: 'Œuvre noire encore' }, hashtags: ['#remous'] }),
  ])
  const searched = async (text: string, caller: Caller = everything, more = {}) =>
    idsOf(await searchDetections(text, { limit: 10, ...more }, caller, services)).sort()
  expect(await searched('œuvre noire')).toEqual(['nowhere-yet', 'somewhere'])
  expect(await searched('#remous')).toEqual(['nowhere-yet', 'somewhere'])
  expect(await searched('ombre')).toEqual(['nowhere-yet'])
  expect((await searchDetections('Omrbe', { limit: 10 }, everything, services)).meant).toEqual(['Ombre'])
  expect(await searched('#remous', upTo('TLP:RED', ['NC']))).toEqual(['somewhere'])
  expect(await searched('#remous', everything, { territory: 'NC' })).toEqual(['somewhere'])
  const first = await searchDetections('#remous', { limit: 1 }, everything, services)
  const { next: after } = first
  const rest = await searchDetections('#remous', { limit: 1, after }, everything, services)
  expect([...idsOf(first), ...idsOf(rest)].sort()).toEqual(['nowhere-yet', 'somewhere'])
  expect((await countDetections({ key: '#remous' }, everything, services)).detections).toBe(2)
})

test('explains a version of a lower edition by the stored revision that it shows', async () => {
  const weekly = { territory: 'MQ', period: parsePeriod('2024-W22'), cap: 'TLP:GREEN' } as const
  const lowered = input({ id: 'lowered', territories: ['MQ'], observed: { from: '2024-05-29' }, marking: 'TLP:AMBER' })
  at('2024-05-30T00:00:00.000Z')
  await ingestInto(opened, [{ ...lowered, territories: ['GP'] }])
  at('2024-05-31T00:00:00.000Z')
  await ingestInto(opened, [{ ...lowered, marking: 'TLP:GREEN' }])
  await decideAll({ ids: ['lowered'], as: 'revision', by: 'Bea Roy', reason: 'agreed' }, services)
  at('2024-06-01T00:00:00.000Z')
  const { report } = await generateReport(weekly, services)
  expect([...report.contributing]).toMatchObject([{ id: 'lowered', revision: 1 }])
  const told = await explainDetection('lowered', undefined, everything, services)
  expect(told?.versions).toMatchObject([{ version: 1, revision: 2, countStatus: { state: 'counted' } }])
})

test('a search for a title finds it over all time, and its words in the last days', async () => {
  at('2025-05-22T00:00:00.000Z')
  await ingestInto(opened, [
    input({ id: 'titled', title: { fr: 'Récoltes à Nouméa' }, marking: 'TLP:GREEN' }),
    input({ id: 'recent', observed: { from: '2025-05-20' }, title: { en: 'recoltes a noumea, again' } }),
  ])
  const searched = async (text: string, more = {}) =>
    idsOf(await searchDetections(text, { limit: 10, ...more }, everything, services))
  expect(await searched('RECOLTES à Nouméa')).toEqual(['recent', 'titled'])
  expect(await searched('recoltes a')).toEqual(['recent'])
  expect(await searched('recoltes a noumea', { days: { first: '2025-05-01' } })).toEqual(['recent'])
  const { next: after } = await searchDetections('recoltes a noumea', { limit: 1 }, everything, services)
  expect(await searched('recoltes a noumea', { after })).toEqual(['titled'])
  expect((await countDetections({ words: 'recoltes a noumea' }, everything, services)).detections).toBe(2)
  const hidden = await searchDetections('recoltes a noumea', { limit: 10 }, upTo('TLP:CLEAR'), services)
  expect(idsOf(hidden)).toEqual([])
})

describe('a list on one machine', () => {
  const old = ['1971-03-01', '1999-12-31', '2003-02-01'] as const
  const all = { limit: 2, detector: 'Archivist', isUnlimited: true } as const
  const reader = upTo('TLP:GREEN')
  beforeAll(async () => {
    await ingestInto(opened, [
      ...old.map((from) =>
        input({ id: `old-${from}`, marking: 'TLP:GREEN', detector: 'Archivist', observed: { from } }),
      ),
      // Of more than ten years: its days are not marked one by one.
      input({
        ...{ id: 'long', marking: 'TLP:GREEN', detector: 'Archivist', title: { fr: 'Interminable' } },
        observed: { from: '1985-06-02', to: '2001-01-01' },
      }),
    ])
  })

  test('has all days by pages, newest first, and any range that is asked for', async () => {
    const { changedDays } = services
    const first = await findDetections({ ...all, changedDays }, reader, services)
    expect([idsOf(first), first.days]).toEqual([['old-2003-02-01', 'old-1999-12-31'], undefined])
    const second = await findDetections({ ...all, changedDays, after: first.next }, reader, services)
    expect([idsOf(second), second.next]).toEqual([['long', 'old-1971-03-01'], undefined])
    const range = { ...all, changedDays, days: { first: '1985-01-01', last: '2000-01-01' } }
    expect(idsOf(await findDetections(range, reader, services))).toEqual(['old-1999-12-31', 'long'])
    expect((await countDetections(range, reader, services)).detections).toBe(2)
    const found = await searchDetections('interminable', { ...all, changedDays, by: 'words' }, reader, services)
    expect(idsOf(found)).toEqual(['long'])
  })

  test('reaches detections of before 2000 in the reading room too', async () => {
    const asked = { limit: 2, detector: 'Archivist', changedDays: services.changedDays }
    const found = await findDetections({ ...asked, days: { last: '2000-01-01' } }, everything, services)
    expect(idsOf(found)).toEqual(['old-1999-12-31', 'long'])
  })

  test('reads only days that have detections', async () => {
    const read: string[] = []
    const detections = {
      ...services.detections,
      inWindow: (...asked: Parameters<typeof services.detections.inWindow>) => {
        read.push(new Date(asked[1]).toISOString().slice(0, 7))
        return services.detections.inWindow(...asked)
      },
    }
    const { changedDays } = services
    await changedDays.changingAll(async () => undefined)
    await findDetections({ ...all, limit: 100, changedDays }, reader, { ...services, detections })
    expect(read.length).toBeLessThan(500)
    expect(new Set(read)).toContain('1985-06')
  })
})
