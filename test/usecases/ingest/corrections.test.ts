/** Analysts' corrections, field by field, override what the detector sends later. */
import { describe, expect, it } from 'vitest'
import { faultText } from '../../../lambdas/domain/core/fault-text.ts'
import type { AddedReply } from '../../../lambdas/domain/detection/attribution-schema.ts'
import type { Detection, DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import { parseMapping } from '../../../lambdas/intake/csv/mapping.ts'
import { once, readRecords } from '../../../lambdas/intake/formats.ts'
import { type Preparing, preparing } from '../../../lambdas/intake/record/prepare.ts'
import { addReply } from '../../../lambdas/usecases/ingest/edit/add-reply.ts'
import { correctDetection } from '../../../lambdas/usecases/ingest/edit/correct-detection.ts'
import { ingestDetections, type Sender } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { undoBatch } from '../../../lambdas/usecases/ingest/undo-batch.ts'
import { storesOfFile } from '../../oracle/product.ts'
import { ndjson } from '../../support/cli.ts'
import { decideAll } from '../../support/contested.ts'
import { input } from '../../support/detections.ts'

const stores = storesOfFile()

const sender: Sender = { name: 'this machine', byOperator: true, by: 'Ana Martin', reason: 'counted again' }

const opened = async () => {
  const { services } = await stores.open()
  const take = (text: string) =>
    ingestDetections(
      readRecords(once(Buffer.from(text)), { file: 'veille.csv', format: 'auto' }),
      'veille.csv',
      services,
      {
        sender,
      },
    )
  const send = (...records: readonly DetectionInput[]) => take(ndjson(...records))
  const set = (cells: Readonly<Record<string, string>>) =>
    correctDetection(
      { id: 'a', cells, by: 'Ana Martin', reason: 'counted again', sender, pseudonym: (account) => account },
      services,
    )
  const reply = (text: string, more: Partial<AddedReply> = {}) =>
    addReply(
      { ...{ id: 'a', by: 'Ana Martin', reason: 'asked them', sender }, reply: { ...replyOf(text), ...more } },
      services,
    )
  const latest = () => services.detections.latest('a')
  const waiting = () => Array.fromAsync(services.detections.contested())
  return { services, take, send, set, reply, latest, waiting }
}

const replyOf = (text: string): AddedReply => ({
  ...{ by: 'BIG', text: { en: text }, date: '2024-06-01', source: { title: { en: 'Their site' } } },
})

const whole = (more: Partial<DetectionInput> = {}) =>
  input({
    id: 'a',
    platforms: ['X'],
    campaign: 'BIG',
    counts: { posts: 10, accounts: 4 },
    observed: { from: '2024-05-14T20:00:00Z' },
    marking: 'TLP:GREEN',
    ...more,
  })

it('keeps the stored effect where a row has an unknown one', async () => {
  const { take, send, latest } = await opened()
  await send(whole({ observedEffect: { state: 'none', source: 'EEAS' } }))
  await take('id;Titre;Date;Effet observé;Nb de messages\na;Une salve;15/05/2024;n. c.;12\n')
  expect(await latest()).toMatchObject({
    observedEffect: { state: 'none', source: 'EEAS' },
    counts: { posts: { value: 12 } },
  })
})

describe('a row about a detection of a detector', () => {
  it('corrects the fields of its cells only', async () => {
    const { take, send, latest, services } = await opened()
    await send(whole())
    const row = 'id;Titre;Date;Territoire;Nb de messages\na;Une salve de copies;15/05/2024;Nouvelle-Calédonie;12\n'
    expect(await take(row)).toMatchObject({ revised: 1 })
    expect(await latest()).toMatchObject({
      detector: { name: 'D3lta' },
      title: { fr: 'Une salve de copies', en: 'A burst of copies' },
      observed: { precision: 'instant' },
      platforms: ['X'],
      campaign: 'BIG',
      counts: { posts: { value: 12 }, accounts: { value: 4 } },
      marking: 'TLP:GREEN',
    })
    expect(await services.detections.corrections('a')).toMatchObject([
      { field: 'counts.posts', by: 'Ana Martin', reason: 'counted again' },
    ])
    expect(await take(row)).toMatchObject({ duplicates: 1 })
    expect(await send(whole())).toMatchObject({ duplicates: 1 })
    expect((await latest())?.counts.posts?.value).toBe(12)
  })

  it('corrects a part without its whole, by the limits of the schema', async () => {
    const { take, send, latest } = await opened()
    await send(whole({ breakout: { category: 4 }, actor: { name: 'BIG', attributedBy: 'EEAS' } }))
    expect(await take('id;breakout_basis\na;amplified\n')).toMatchObject({ revised: 1 })
    expect(await latest()).toMatchObject({ breakout: { category: 4, basis: 'amplified' } })
    const long = await take(`id;attribué par\na;${'x'.repeat(301)}\n`)
    expect(long).toMatchObject({ rejected: 1, rejects: [{ path: 'actor.attributedBy' }] })
  })

  it('keeps the title where the sheet has only a summary', async () => {
    const { take, send, latest } = await opened()
    await send(whole())
    await take('id;summary_en\na;Seen by several watchers. And more.\n')
    expect(await latest()).toMatchObject({ title: whole().title, summary: { en: expect.stringContaining('And more') } })
    expect(await take('id;Date;Lieu;summary_en\nnew;15/05/2024;NC;Seen. And more.\n')).toMatchObject({ accepted: 1 })
  })

  it('waits where it lowers the marking; accepted, it changes only that', async () => {
    const { take, send, latest, services } = await opened()
    await send(whole({ marking: 'TLP:AMBER' }))
    const row = 'id;Titre;Date;TLP\na;A burst of copies;15/05/2024;GREEN\n'
    expect(await take(row)).toMatchObject({ contested: 1 })
    await decideAll({ ids: ['a'], by: 'Ana Martin', as: 'revision' }, services)
    expect(await latest()).toMatchObject({ marking: 'TLP:GREEN', campaign: 'BIG', platforms: ['X'] })
  })

  it('changes the fields of its cells in a row of the same analyst', async () => {
    const { take, latest } = await opened()
    await take('id;Titre;Date;Plateforme;Nb de messages\na;Une salve;15/05/2024;X;10\n')
    expect(await take('id;Titre;Date;Nb de messages\na;Une salve;15/05/2024;12\n')).toMatchObject({ revised: 1 })
    expect(await latest()).toMatchObject({ platforms: ['X'], counts: { posts: { value: 12 } } })
    expect(await take('id;Titre;Date;Nb de messages\na;Une salve;15/05/2024;12\n')).toMatchObject({ duplicates: 1 })
  })
})

describe('a confirmation', () => {
  const by = { by: 'Ana Martin', on: '2024-05-20' }
  const act = { state: 'observed', degree: 'act' } as const

  it.each([
    ['observedEffect.confirmed', { observedEffect: { ...act, confirmed: by } }],
    ['breakout.confirmed', { breakout: { category: 4, confirmed: by } }],
  ])('is refused from a detector at %s, not from an analyst', async (path, fields) => {
    const { send, latest } = await opened()
    const refused = { path, message: expect.stringContaining('"D3lta" may not confirm') }
    expect(await send(whole(fields))).toMatchObject({ rejected: 1, rejects: [refused] })
    expect(await send(whole({ ...fields, detector: { name: 'Unit', byHand: true } }))).toMatchObject({ accepted: 1 })
    expect(await latest()).toMatchObject(fields)
  })

  it('holds until the effect changes', async () => {
    const { send, set, latest } = await opened()
    await send(whole({ observedEffect: act }))
    expect(await set({ 'observedEffect.confirmed': 'Ana Martin' })).toMatchObject({ outcome: 'revised' })
    await send(whole({ observedEffect: act, campaign: 'Other' }))
    expect(await latest()).toMatchObject({ campaign: 'Other', observedEffect: { ...act, confirmed: { by: by.by } } })
    await set({ observedEffect: 'media' })
    expect((await latest())?.observedEffect).toEqual({ state: 'observed', degree: 'media' })
  })
})

describe('a correction', () => {
  it('holds over a revision that touches other fields', async () => {
    const { send, set, latest } = await opened()
    await send(whole())
    expect(await set({ 'counts.posts': '≥ 12', 'title.fr': 'Un titre' })).toMatchObject({ outcome: 'revised' })
    expect(await set({ 'counts.posts': '≥ 12' })).toMatchObject({ outcome: 'duplicate' })
    expect(await send(whole({ counts: { posts: 10, accounts: 5 } }))).toMatchObject({ revised: 1 })
    expect(await latest()).toMatchObject({
      title: { fr: 'Un titre', en: 'A burst of copies' },
      counts: { posts: { value: 12, qualifier: 'at least' }, accounts: { value: 5 } },
    })
  })

  it('is marked in a report by its fields, except the marking', async () => {
    const { send, set, services } = await opened()
    await send(whole({ marking: 'TLP:AMBER' }))
    await set({ 'counts.posts': '12', 'title.fr': 'Un titre', marking: 'RED' })
    const window = [Date.parse('2024-05-14T00:00:00Z'), Date.parse('2024-05-16T00:00:00Z')] as const
    const found = await Array.fromAsync(services.detections.inWindow('NC', ...window, '9999'))
    expect(found).toMatchObject([{ revision: 2, corrected: ['counts.posts', 'title'] }])
  })

  it('holds while a revision of its field waits for a decision', async () => {
    const { send, set, latest, waiting, services } = await opened()
    await send(whole())
    await set({ 'counts.posts': '12' })
    const touching = whole({ counts: { posts: 20, accounts: 5 } })
    expect(await send(touching)).toMatchObject({ contested: 1, revised: 0 })
    expect(await waiting()).toMatchObject([
      {
        reason: {
          code: 'contested.correctedBy',
          values: { field: 'counts.posts', by: 'Ana Martin', reason: 'counted again' },
        },
      },
    ])
    expect(await latest()).toMatchObject({ counts: { posts: { value: 12 }, accounts: { value: 4 } } })
    // Refused, the same value no longer waits.
    await decideAll({ ids: ['a'], by: 'Ana Martin', as: 'refused' }, services)
    expect(await send(whole({ counts: { posts: 20, accounts: 6 } }))).toMatchObject({ revised: 1 })
    expect(await latest()).toMatchObject({ counts: { posts: { value: 12 }, accounts: { value: 6 } } })
    expect(await send(whole({ counts: { posts: 30, accounts: 6 } }))).toMatchObject({ contested: 1 })
    await decideAll({ ids: ['a'], by: 'Ana Martin', as: 'revision' }, services)
    expect(await latest()).toMatchObject({ counts: { posts: { value: 30 } } })
    expect(await services.detections.corrections('a')).toEqual([])
    expect(await send(whole({ counts: { posts: 31, accounts: 6 } }))).toMatchObject({ revised: 1 })
  })

  it('made while a record waits is named before that record is accepted', async () => {
    const { send, set, latest, services } = await opened()
    await send(whole({ counts: { posts: 100, accounts: 20 } }))
    await set({ 'counts.posts': '90' })
    await send(whole({ counts: { posts: 150, accounts: 33 } }))
    await set({ 'counts.accounts': '5' })
    const accept = (seen?: number) =>
      decideAll({ ids: ['a'], by: 'Carl', as: 'revision', ...(seen !== undefined && { seen }) }, services)
    const { settled, failed } = await accept()
    expect(settled).toEqual([])
    expect(failed).toMatchObject([
      { id: 'a', message: expect.stringMatching(/of counts\.accounts \(Ana Martin\).*--revision/) },
    ])
    expect(await latest()).toMatchObject({ counts: { posts: { value: 90 }, accounts: { value: 5 } } })
    await set({ 'counts.accounts': '20', 'counts.posts': '91' })
    expect((await accept()).failed).toMatchObject([{ message: expect.stringContaining('counts.posts') }])
    expect((await accept(3)).failed).toMatchObject([{ message: expect.stringContaining('is 4') }])
    expect((await accept(4)).settled).toEqual([{ id: 'a', under: 'a' }])
    expect(await latest()).toMatchObject({ counts: { posts: { value: 150 }, accounts: { value: 33 } } })
  })

  it('is named where another detector’s record, or a lower marking, would replace it', async () => {
    const { send, set, waiting, services } = await opened()
    await send(whole())
    await set({ 'counts.posts': '12' })
    await send(
      whole({ detector: 'Other', counts: { posts: 20 } }),
      whole({ marking: 'TLP:CLEAR', counts: { posts: 30 } }),
    )
    for (const { reason } of await waiting())
      expect(faultText(reason)).toContain('has another value for counts.posts than Ana Martin')
    expect(await waiting()).toHaveLength(2)
    await decideAll({ ids: ['a'], by: 'Ana Martin', as: 'refused' }, services)
    expect(await waiting()).toEqual([])
    expect(await services.detections.latest('a')).toMatchObject({ detector: { name: 'D3lta' }, marking: 'TLP:GREEN' })
  })

  it('holds where a record is refused, of which the other fields are accepted', async () => {
    const { send, set, latest, services } = await opened()
    const refuse = () => decideAll({ ids: ['a'], by: 'Carl', as: 'refused' }, services)
    await send(whole({ counts: { posts: 100, accounts: 20 } }))
    await set({ 'counts.posts': '90' })
    const later = whole({ counts: { posts: 150, accounts: 33 } })
    const { batch } = await send(later)
    await refuse()
    const refusal = async () =>
      (await services.history.list(9)).flatMap(({ did, what }) => (did === 'refused' ? [[did, what]] : [])).slice(0, 1)
    expect(await refusal()).toEqual([['refused', ['counts.accounts']]])
    expect(await latest()).toMatchObject({ counts: { posts: { value: 90 }, accounts: { value: 33 } } })
    expect(await send(later)).toMatchObject({ duplicates: 1, revised: 0 })
    expect(await undoBatch(batch, 'Carl', services)).toMatchObject({ accepted: [{ id: 'a', by: 'Carl' }] })
    // A newer revision of the detector holds.
    await send(whole({ counts: { posts: 160, accounts: 40 } }))
    await send(whole({ counts: { posts: 150, accounts: 41 } }))
    await refuse()
    expect(await latest()).toMatchObject({ counts: { posts: { value: 90 }, accounts: { value: 41 } } })
  })

  it('is undone with its batch, and holds again where a later batch is undone', async () => {
    const { send, set, latest, services } = await opened()
    await send(whole())
    const { batch } = await set({ 'counts.posts': '12' })
    const { batch: later } = await send(whole({ counts: { posts: 10, accounts: 9 } }))
    await undoBatch(later, 'Ana Martin', services)
    expect(await latest()).toMatchObject({ counts: { posts: { value: 12 }, accounts: { value: 4 } } })
    expect(await services.detections.corrections('a')).toHaveLength(1)
    expect(await undoBatch(batch, 'Ana Martin', services)).toMatchObject({ restored: 1, left: [] })
    expect(await latest()).toMatchObject({ counts: { posts: { value: 10 }, accounts: { value: 4 } } })
    expect(await services.detections.corrections('a')).toEqual([])
  })
})

describe('an unknown territory', () => {
  const inMQ = async ({ services }: Awaited<ReturnType<typeof opened>>) => {
    const [from, to] = [Date.UTC(2024, 4, 1), Date.UTC(2024, 5, 1)]
    const all = services.detections.inWindow('MQ', from, to, services.clock().toISOString())
    return Array.fromAsync(all, ({ detection }) => detection.id)
  }
  const placed = whole({ territories: ['MQ'] })

  it('is refused from an analyst, by command and by rows', async () => {
    const store = await opened()
    await store.send(placed)
    const before = (await store.services.batches.list()).length
    await expect(store.set({ territories: 'Martinqiue' })).rejects.toThrow(
      'territories "Martinqiue" is no territory: did you mean Martinique (MQ)?',
    )
    expect(await store.services.batches.list()).toHaveLength(before)
    const row = (id: string, place: string) =>
      `id;Titre;Date;Territoire;Posts\n${id};Une salve;15/05/2024;${place};12\n`
    const refused = {
      rejected: 1,
      rejects: [{ path: 'territories', message: expect.stringContaining('Martinique (MQ)') }],
    }
    expect(await store.take(row('a', 'Martinqiue'))).toMatchObject(refused)
    await store.take(row('own', 'Martinique'))
    expect(await store.take(row('own', 'Martinqiue'))).toMatchObject(refused)
    expect(await inMQ(store)).toEqual(['a', 'own'])
  })

  it('of a detector leaves the stored territories; none waits', async () => {
    const store = await opened()
    await store.send(placed)
    const slip = { ...placed, territories: ['Martinqiue'], counts: { posts: 11 } }
    expect(await store.send(slip)).toMatchObject({ revised: 1, unplaced: 0 })
    expect(await inMQ(store)).toEqual(['a'])
    expect(await store.latest()).toMatchObject({ counts: { posts: { value: 11 } } })
    expect(await store.send(slip)).toMatchObject({ duplicates: 1 })
    expect(await store.send({ ...placed, territories: [], counts: { posts: 12 } })).toMatchObject({
      revised: 0,
      unplaced: 1,
    })
    expect(await store.send({ ...placed, territories: [], counts: { posts: 13 } })).toMatchObject({
      revised: 1,
      unplaced: 0,
    })
    expect(await inMQ(store)).toEqual([])
    expect(await store.send({ ...placed, counts: { posts: 14 } })).toMatchObject({ revised: 1 })
    expect(await inMQ(store)).toEqual(['a'])
  })
})

describe('a reply added by an analyst', () => {
  const actor = { name: 'BIG', attributedBy: 'VIGINUM' } as const
  const named = (more: object = {}) => whole({ actor: { ...actor, ...more } })
  const given = { by: 'BIG', text: { fr: 'Nous le rejetons.' } } as const
  const texts = async ({ latest }: Awaited<ReturnType<typeof opened>>) =>
    ((await latest())?.actor?.replies ?? []).map(({ text }) => Object.values(text)[0])

  it('is stored next to the others, with date and source; the same again is a duplicate', async () => {
    const store = await opened()
    await store.send(named({ replies: [given] }))
    expect(await store.reply('No.')).toMatchObject({ outcome: 'revised' })
    expect((await store.latest())?.actor).toEqual({ ...actor, replies: [given, replyOf('No.')] })
    expect(await store.services.detections.corrections('a')).toMatchObject([
      { field: 'actor.replies', by: 'Ana Martin', reason: 'asked them' },
    ])
    expect(await store.reply('No.')).toMatchObject({ outcome: 'duplicate' })
    await store.reply('Not at all.')
    expect(await texts(store)).toEqual(['Nous le rejetons.', 'No.', 'Not at all.'])
  })

  it('holds where the detector revises the rest of the actor; other replies of the detector wait', async () => {
    const store = await opened()
    await store.send(named())
    await store.reply('No.')
    expect(await store.send(named({ attributedBy: 'EEAS', likelihood: 'likely' }))).toMatchObject({ revised: 1 })
    expect((await store.latest())?.actor).toMatchObject({ attributedBy: 'EEAS', likelihood: 'likely' })
    expect(await texts(store)).toEqual(['No.'])
    expect(await store.send(named({ attributedBy: 'EEAS', replies: [given] }))).toMatchObject({ contested: 1 })
    expect(await store.waiting()).toMatchObject([
      {
        reason: {
          code: 'contested.correctedBy',
          values: { field: 'actor.replies', by: 'Ana Martin', reason: 'asked them' },
        },
      },
    ])
    expect(await texts(store)).toEqual(['No.'])
    await decideAll({ ids: ['a'], by: 'Ana Martin', as: 'revision' }, store.services)
    expect(await texts(store)).toEqual(['Nous le rejetons.'])
    expect(await store.services.detections.corrections('a')).toEqual([])
  })

  it('holds next to a correction of the actor, in any order, and comes back with the actor', async () => {
    const sheet = (by: string) => `id;Titre;Date;Acteur;Attribué par\na;Une salve;14/05/2024;BIG;${by}\n`
    for (const isReplyFirst of [true, false]) {
      const store = await opened()
      await store.send(named())
      if (isReplyFirst) await store.reply('No.')
      await store.take(sheet('SGDSN'))
      if (!isReplyFirst) await store.reply('No.')
      const fields = (await store.services.detections.corrections('a')).map(({ field }) => field)
      expect(fields).toEqual(expect.arrayContaining(['actor', 'actor.replies']))
      await store.send({ ...named(), counts: { posts: 11 } })
      expect((await store.latest())?.actor).toMatchObject({ attributedBy: 'SGDSN' })
      expect(await texts(store)).toEqual(['No.'])
    }
    const store = await opened()
    await store.send(named())
    await store.reply('No.')
    await store.send(whole())
    expect((await store.latest())?.actor).toBeUndefined()
    await store.send(named())
    expect(await texts(store)).toEqual(['No.'])
  })

  it('is stored, or refused, where two come at once', async () => {
    const store = await opened()
    await store.send(named())
    const done = await Promise.allSettled([store.reply('One.'), store.reply('Two.')])
    const written = done.filter(({ status }) => status === 'fulfilled').length
    expect(await texts(store)).toHaveLength(written)
  })

  it.each([
    ['no date', { date: undefined }, 'date'],
    ['a date that is none', { date: 'yesterday' }, 'must be a day, a month or a year'],
    ['no source', { source: undefined }, 'source'],
    ['no text', { text: {} }, 'must have a text in at least one language'],
    ['too long a text', { text: { en: 'x'.repeat(20_001) } }, 'at most 20,000 characters'],
    ['a marking that is none', { marking: 'secret' }, 'marking'],
  ])('with %s is refused, and leaves no batch', async (_, more, why) => {
    const store = await opened()
    await store.send(named())
    const before = await store.services.batches.list()
    await expect(store.reply('No.', more as never)).rejects.toThrow(why)
    expect(await store.services.batches.list()).toEqual(before)
  })

  it('is refused without a stored detection or a named actor, after withdrawal, and after twenty', async () => {
    const store = await opened()
    await expect(store.reply('No.')).rejects.toThrow('"a" names no stored detection')
    await store.send(whole())
    await expect(store.reply('No.')).rejects.toThrow('only a named actor can reply')
    await store.send(named({ replies: Array.from({ length: 20 }, (_, at) => ({ ...given, date: `20${10 + at}` })) }))
    await expect(store.reply('No.')).rejects.toThrow('must have at most 20 replies')
    await store.services.detections.withdraw('a', { by: 'a test', reason: 'a test' }, store.services.clock())
    await expect(store.reply('No.')).rejects.toThrow('a was withdrawn')
  })
})

describe('two corrections at one moment', () => {
  /** Both read before either writes. */
  const atOnce = async (one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>) => {
    const { services, send, latest } = await opened()
    await send(whole())
    let waiting = 2
    const { promise: both, resolve } = Promise.withResolvers<void>()
    const detections = {
      ...services.detections,
      saveAll: async (...args: Parameters<typeof services.detections.saveAll>) => {
        waiting -= 1
        if (waiting <= 0) resolve()
        await both
        return services.detections.saveAll(...args)
      },
    }
    const correct = (by: string, cells: Readonly<Record<string, string>>) =>
      correctDetection(
        {
          ...{ id: 'a', cells, by, reason: 'counted again', sender: { name: 'this machine', byOperator: true } },
          pseudonym: String,
        },
        { ...services, detections },
      )
    const ended = await Promise.allSettled([correct('Ana', one), correct('Bea', other)])
    return { ended, latest, services }
  }

  it('of one field: one is stored, and the other is refused with the name of the first', async () => {
    const { ended, services } = await atOnce({ 'counts.posts': '20' }, { 'counts.posts': '30' })
    expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const [lost] = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []))
    expect(lost?.name).toBe('ChangedSinceError')
    expect(lost?.message).toMatch(/counts\.posts by (?:Ana|Bea)\), and nothing of this is stored: see vigie explain a/)
    expect(await services.detections.corrections('a')).toHaveLength(1)
  })

  it('of two fields: both are stored, each once', async () => {
    const { ended, latest, services } = await atOnce({ 'counts.posts': '20' }, { campaign: 'RRN' })
    expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
    expect(await latest()).toMatchObject({ campaign: 'RRN', counts: { posts: { value: 20 } }, revision: 3 })
    const stamps = (await services.detections.history('a')).map(({ storedAt }) => storedAt)
    expect(stamps).toEqual([...stamps].sort())
  })
})

it('names the analyst whose correction it replaces', async () => {
  const { send, set } = await opened()
  await send(whole())
  expect(await set({ 'counts.posts': '20' })).not.toHaveProperty('over')
  expect(await set({ 'counts.posts': '30' })).toMatchObject({ over: [{ field: 'counts.posts', by: 'Ana Martin' }] })
})

it('gives no revision an earlier time than the one before', async () => {
  const { services, send } = await opened()
  await send(whole())
  const [first] = await services.detections.history('a')
  const earlier = new Date(Date.parse(first?.storedAt ?? '') - 60_000)
  await services.detections.withdraw('a', { by: 'a test', reason: 'late' }, earlier)
  const [before = '', after = ''] = (await services.detections.history('a')).map(({ storedAt }) => storedAt)
  expect(after > before).toBe(true)
})

describe('a sheet with fewer columns than before', () => {
  const head = 'id;title;date;territory;posts'
  const more = `${head};breakout;effect;campaign;actor;TLP`
  const said = '20/05/2024;MQ;10;3;act;BIG;Russia;GREEN'
  const stands = async ({ services }: Awaited<ReturnType<typeof opened>>) => {
    const rows: Detection[] = []
    for await (const { detection } of services.detections.inWindow(
      'MQ',
      Date.UTC(2024, 4, 1),
      Date.UTC(2024, 5, 1),
      '~',
    ))
      rows.push(detection)
    return rows.map(({ id: _, revision: __, title: ___, ...one }) => one)
  }

  const sheet = (
    { services }: Awaited<ReturnType<typeof opened>>,
    text: string,
    { constants, ...stated }: Preparing & { readonly constants?: object } = {},
  ) =>
    ingestDetections(
      readRecords(once(Buffer.from(text)), {
        ...{ file: 'veille.csv', format: 'auto', prepare: preparing(stated) },
        mapping: parseMapping({ columns: {}, ...(constants && { constants }) }, 'map.json'),
      }),
      'veille.csv',
      services,
      { sender },
    )

  it('revises the fields of its columns, in rows with and without an id', async () => {
    const unit = await opened()
    await unit.take(`${more}\nA;x;${said}\n;without;${said}\n`)
    const fewer = `${head}\nA;x;20/05/2024;MQ;11\n;without;20/05/2024;MQ;11\n`
    expect(await unit.take(fewer)).toMatchObject({ revised: 2 })
    const [one, other] = await stands(unit)
    expect(other).toEqual(one)
    expect(one).toMatchObject({
      campaign: 'BIG',
      breakout: { category: 3 },
      marking: 'TLP:GREEN',
      counts: { posts: { value: 11 } },
    })
    expect(one?.actor).toBeDefined()
    expect(await unit.take(fewer)).toMatchObject({ duplicates: 2 })
    expect(await unit.take(`${more}\nA;x;${said}\n;without;${said}\n`)).toMatchObject({ revised: 2 })
  })

  it('keeps the parts of a field without a column', async () => {
    const unit = await opened()
    const parts = 'first seen;last seen;title.en;posts;posts_qualifier;actor;attributed by;likelihood;domains;ioc url'
    const cells = '13/05/2024;15/05/2024;Burst;10;at least;Russia;VIGINUM;likely;a.example;https://b.example/'
    await unit.take(`id;title.fr;territory;${parts}\na;Salve;MQ;${cells}\n`)
    const before = await unit.latest()
    const again = async (head: string, row: string) => {
      await unit.take(`id;title.fr;${head}\na;Salve;${row}\n`)
      const { revision: _, ...one } = (await unit.latest()) as Detection
      return one
    }
    const { revision: _, ...stands } = before as Detection
    expect(await again('first seen', '13/05/2024')).toEqual(stands)
    expect(await again('first seen;actor', '13/05/2024;Russia')).toMatchObject({ actor: stands.actor })
    expect(await again('first seen;domains', '13/05/2024;a.example')).toEqual(stands)
    expect(await again('first seen;attributed by', '13/05/2024;EEAS')).toEqual({
      ...stands,
      actor: { ...stands.actor, attributedBy: 'EEAS' },
    })
    expect(await again('first seen;domains', '14/05/2024;c.example')).toMatchObject({
      observed: { from: '2024-05-14', to: '2024-05-15' },
      indicators: [
        { type: 'url', value: 'https://b.example/' },
        { type: 'domain', value: 'c.example' },
      ],
    })
    expect(await again('first seen;posts_qualifier', '14/05/2024;about')).toMatchObject({
      counts: { posts: { value: 10, qualifier: 'about' } },
    })
    expect(await again('first seen;actor', '14/05/2024;China')).toMatchObject({
      actor: { attributedBy: { en: 'an analyst of the unit' } },
    })
    expect(await unit.take('id;title;first seen\na;Salve;16/05/2024\n')).toMatchObject({
      rejects: [
        {
          path: 'observed',
          message: 'from 2024-05-16 to 2024-05-15 is no time, one end being what is stored: give both ends',
        },
      ],
    })
  })

  it('drops the spelling of a replaced name', async () => {
    const unit = await opened()
    const row = (campaign: string) => sheet(unit, `title;date;territory;campaign\nx;20/05/2024;MQ;${campaign}\n`)
    await row('Doppelgänger')
    expect(await stands(unit)).toMatchObject([{ campaign: 'RRN', reported: { campaign: 'Doppelgänger' } }])
    expect(await row('RRN')).toMatchObject({ revised: 1 })
    const [one] = await stands(unit)
    expect([one?.campaign, one?.reported]).toEqual(['RRN', undefined])
  })

  it('applies what a mapping and a command state for all rows', async () => {
    const unit = await opened()
    const rows = 'id;title;date\nA;x;20/05/2024\n;without;20/05/2024\n'
    expect(await sheet(unit, rows)).toMatchObject({ unplaced: 2 })
    expect(await sheet(unit, rows, { territories: ['MQ'] })).toMatchObject({ revised: 2 })
    expect(await sheet(unit, rows, { territories: ['MQ'], constants: { kind: 'video' } })).toMatchObject({
      revised: 2,
    })
    expect(await stands(unit)).toMatchObject([{ kind: 'video' }, { kind: 'video' }])
  })
})

describe('a sheet of corrections without titles or dates', () => {
  const stands = whole({ observed: { from: '2024-05-14', to: '2024-05-16' } })

  it('changes the fields of its cells, for detections of any source', async () => {
    const { services, send, take, latest } = await opened()
    await send(stands)
    const before = await latest()
    expect(await take('Identifiant;TLP\na;RED\n')).toMatchObject({ revised: 1, rejected: 0 })
    expect(await latest()).toEqual({ ...before, revision: 2, marking: 'TLP:RED', markingSource: 'stated' })
    expect(await take('Identifiant;TLP\na;RED\n')).toMatchObject({ duplicates: 1 })
    await take('id;Titre;Date;TLP\nb;Une salve;15/05/2024;AMBER\n')
    expect(await take('id;Nb de messages\nb;12\n')).toMatchObject({ revised: 1, rejected: 0 })
    expect(await services.detections.latest('b')).toMatchObject({
      title: { und: 'Une salve' },
      observed: { from: '2024-05-15' },
      marking: 'TLP:AMBER',
      counts: { posts: { value: 12 } },
    })
  })

  it('moves only the last day, and accepts a row with an empty date', async () => {
    const { send, take, latest } = await opened()
    await send(stands)
    expect(await take('Identifiant;Fin\na;18/05/2024\n')).toMatchObject({ revised: 1 })
    expect((await latest())?.observed).toMatchObject({ from: '2024-05-14', to: '2024-05-18', precision: 'day' })
    expect(await take('Identifiant;Titre;Date;TLP\na;;;AMBER\n')).toMatchObject({ revised: 1 })
    expect(await latest()).toMatchObject({ title: stands.title, observed: { from: '2024-05-14', to: '2024-05-18' } })
  })

  it('waits with the title and the time of the stored detection', async () => {
    const { send, take, waiting } = await opened()
    await send(stands)
    expect(await take('Identifiant;TLP\na;CLEAR\n')).toMatchObject({ contested: 1 })
    expect(await waiting()).toMatchObject([{ detection: { title: stands.title, observed: { from: '2024-05-14' } } }])
  })

  it('is rejected for an id that is not stored, or was undone', async () => {
    const { services, send, take } = await opened()
    const rejectsOf = async (id: string) => (await take(`Identifiant;TLP\n${id};RED\n`)).rejects
    expect(await rejectsOf('a')).toMatchObject([
      { id: 'a', path: 'id', message: expect.stringContaining('needs a title and a date') },
    ])
    const { batch } = await send(stands)
    await undoBatch(batch, 'Ana Martin', services)
    expect(await rejectsOf('a')).toMatchObject([{ id: 'a', path: 'id', message: expect.stringContaining(batch) }])
    expect(await take('id;Titre;TLP\nz;Une salve;RED\n')).toMatchObject({
      rejects: [{ id: 'z', message: expect.stringContaining('needs a date:') }],
    })
  })

  it('corrects nothing for a sender without the right', async () => {
    const { services, send, latest } = await opened()
    await send(stands)
    const records = readRecords(once(Buffer.from('Identifiant;TLP\na;RED\n')), { file: 'f', format: 'auto' })
    const tally = await ingestDetections(records, 'f', services)
    expect(tally.receipt.rejects).toMatchObject([{ id: 'a', message: 'is empty: a detection has a title' }])
    expect((await latest())?.revision).toBe(1)
  })
})

describe('a territory assigned by an analyst', () => {
  const unplaced = whole({ territories: [] })
  const placed = async () => {
    const all = await opened()
    await all.send(unplaced)
    const places = [{ code: 'WF', method: 'analyst', by: 'Ana Martin' } as const]
    await all.services.detections.assignTerritories('a', places, { by: 'a test' }, all.services.clock())
    const codes = async () => (await all.latest())?.territories.map(({ code }) => code)
    return { ...all, codes }
  }

  it('holds over another one of the detector, which waits', async () => {
    const { send, codes, waiting, services } = await placed()
    expect(await send(whole({ territories: ['NC'] }))).toMatchObject({ contested: 1, revised: 0 })
    expect(await codes()).toEqual(['WF'])
    expect(await waiting()).toMatchObject([
      { reason: { code: 'contested.placedBy', values: { field: 'territories', by: 'Ana Martin' } } },
    ])
    expect(await send(whole({ territories: [], campaign: 'RRN' }))).toMatchObject({ revised: 1 })
    expect(await send(whole({ territories: ['WF'], campaign: 'CopyCop' }))).toMatchObject({ revised: 1 })
    expect(await codes()).toEqual(['WF'])
    expect(await services.detections.corrections('a')).toEqual([])
  })

  it('holds after a refusal, and not after an acceptance', async () => {
    for (const [as, stands] of [
      ['refused', 'WF'],
      ['revision', 'NC'],
    ] as const) {
      const { send, codes, waiting, services } = await placed()
      await send(whole({ territories: ['NC'], campaign: 'RRN' }))
      const [record] = await waiting()
      const decided = { as, by: 'Zoé', reason: 'looked' }
      await services.detections.decide(record as NonNullable<typeof record>, decided, services.clock())
      expect(await codes()).toEqual([stands])
      expect((await services.detections.latest('a'))?.campaign).toBe('RRN')
      expect(await send(whole({ territories: ['NC'], campaign: 'RRN' }))).toMatchObject({ duplicates: 1, contested: 0 })
      expect(await codes()).toEqual([stands])
    }
  })

  it('is replaced by an analyst’s row', async () => {
    const { take, services } = await opened()
    await take('id;Titre;Date\nb;Une salve;15/05/2024\n')
    const places = [{ code: 'WF', method: 'analyst', by: 'Ana Martin' } as const]
    await services.detections.assignTerritories('b', places, { by: 'a test' }, services.clock())
    expect(await take('id;Titre;Date;Territoire\nb;Une salve;15/05/2024;NC\n')).toMatchObject({ revised: 1 })
    expect((await services.detections.latest('b'))?.territories).toMatchObject([{ code: 'NC' }])
  })
})

it('does not count a correction as an input of a source', async () => {
  const { services, send, take, set } = await opened()
  const byHand = async () => {
    const sources = await services.sources.asOf(services.clock().toISOString(), '2000-01-01T00:00:00Z')
    return sources.filter(({ name }) => name === 'by hand').map(({ inputs }) => inputs.length)
  }
  await send(whole())
  await set({ campaign: 'RRN' })
  await set({ campaign: 'RRN' })
  await take('id;Titre;Date;Nb de messages\na;Une salve;14/05/2024;12\n')
  await take('id;Nb de messages\na;13\n')
  expect(await byHand()).toEqual([])
  await take('id;Titre;Date\nb;Une photo;15/05/2024\n')
  await take('id;Nb de messages\nb;13\n')
  expect(await byHand()).toEqual([1])
})

describe('two columns for one field', () => {
  it('are refused where they differ', async () => {
    const { send, take } = await opened()
    await send(whole())
    const messageOf = async (text: string) => (await take(text)).rejects.map(({ message }) => message)
    expect(await messageOf('id;Titre;Date;Fin\nb;X;du 18/11/2026 au 19/11/2026;20/11/2026\n')).toEqual([
      'differs from the end in "Date": keep one of them',
    ])
  })

  it('give the first and the last day', async () => {
    const { services, take } = await opened()
    await take('id;Titre;Date;Fin\nb;X;18/11/2026;20/11/2026\n')
    await take('id;Date;Fin\nb;17/11/2026;21/11/2026\n')
    expect((await services.detections.latest('b'))?.observed).toMatchObject({ from: '2026-11-17', to: '2026-11-21' })
  })
})

it('revises an id that a file has twice again when the file comes again, with the same result', async () => {
  const { services, take } = await opened()
  const file =
    'id;Titre;Date;Territoire\nb;Une salve;15/05/2024;NC\nb;Une photo;15/05/2024;NC\nc;Une vidéo;15/05/2024;NC\n'
  const first = await take(file)
  const second = await take(file)
  expect([first, second]).toMatchObject([
    { accepted: 2, revised: 1 },
    { revised: 2, duplicates: 1 },
  ])
  expect((await services.detections.latest('b'))?.title).toEqual({ und: 'Une photo' })
  for (const { batch } of [second, first]) {
    expect((await undoBatch(batch, 'Ana Martin', services)).did).toBe('undone')
  }
})
