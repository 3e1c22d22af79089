/** Faults of files of every format are described in French, on pages too; a text without French is marked as English. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { faultText } from '../../lambdas/domain/core/fault-text.ts'
import { type Fault, fault, faultOfThrown } from '../../lambdas/domain/core/fault.ts'
import { doubtFault, doubtsIn } from '../../lambdas/domain/detection/names/doubts.ts'
import { readRecords } from '../../lambdas/intake/formats.ts'
import { preparing } from '../../lambdas/intake/record/prepare.ts'
import type { Reject } from '../../lambdas/intake/record/record.ts'
import { memoryTable } from '../../lambdas/store/table/memory-table.ts'
import { ingestDetections } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import { storesIn } from '../../lambdas/usecases/stores.ts'
import { faultWords } from '../../lambdas/web/reading-room/frame/fault-text.ts'
import { roomWordingOf } from '../../lambdas/web/shared/wording.ts'
import { badFiles, type BadFile } from '../support/bad-files.ts'
import { inPieces } from '../support/intake.ts'
import { formToken, openRoom, type Room } from '../support/room.ts'

const french = roomWordingOf('fr')

const stores = { ...storesIn(memoryTable()), clock: () => new Date('2024-05-21T00:00:00.000Z'), run: 'test' }

/** All faults of a file: of rejects, of contested records, of oddities, and of an early end. */
const faultsOf = async (
  [file, content, { postTable, ...how } = {}]: BadFile,
  services: Parameters<typeof ingestDetections>[2] = stores,
): Promise<readonly Fault[]> => {
  const notes = new Map<string, Fault>()
  const records = readRecords(inPieces(content), {
    file,
    format: 'auto',
    prepare: preparing({}),
    pseudonyms: async () => (name) => name,
    note: (what) => void notes.set(JSON.stringify(what), what),
    ...(postTable !== undefined && { posts: { file: 'posts.csv', chunks: inPieces(postTable) } }),
    ...how,
  })
  const rejects: Reject[] = []
  const contested: Fault[] = []
  const stopped: Fault[] = []
  const watched = async function* () {
    try {
      yield* records
    } catch (error) {
      stopped.push(faultOfThrown(error))
      throw error
    }
  }
  await ingestDetections(watched(), file, services, {
    onOutcome: (record, outcome) => {
      if ('detection' in record) {
        const doubts = doubtsIn(record.detection, services.clock(), record.doubts)
        for (const doubt of doubts) notes.set(JSON.stringify(doubt), doubtFault(doubt))
      }
      if (outcome.kind === 'rejected') rejects.push(outcome.reject)
      if (outcome.kind === 'contested') contested.push(outcome.reason)
    },
  })
  return [...rejects.map((reject) => reject.fault), ...contested, ...notes.values(), ...stopped]
}

describe('bad files', () => {
  const all = new Set<string>()
  test.each(badFiles.map((file) => [file[0], file] as const))('%s', async (_, file) => {
    const faults = await faultsOf(file)
    expect(faults).not.toEqual([])
    for (const fault of faults) {
      const { text, lang } = faultWords(french, fault)
      expect({ fault, lang }).toEqual({ fault, lang: '' })
      expect(leftInEnglish(faultText(fault), text)).toEqual([])
      all.add(faultText(fault))
    }
  })
  test('are of many kinds', () => {
    expect(badFiles.length).toBeGreaterThanOrEqual(100)
    expect(all.size).toBeGreaterThanOrEqual(200)
  })
})

/** Bytes lost, doubled or inserted, and ends cut off. */
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  take: fc.nat(12),
  put: fc.constantFrom(
    '',
    '\0',
    '"',
    '\n',
    ';',
    ',',
    '{',
    ']',
    '; is missing',
    '9007199254740993',
    'NA',
    '\u202e',
    'é',
  ),
})

test('faults of files that are damaged further are described in French too', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...badFiles),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      async ([name, content, how = {}], changes) => {
        let bytes = Buffer.from(content)
        for (const { at, take, put } of changes) {
          const from = Math.floor(at * bytes.length)
          bytes = Buffer.concat([bytes.subarray(0, from), Buffer.from(put), bytes.subarray(from + take)])
        }
        const faults = await faultsOf([name, bytes, how])
        expect(faults.filter((fault) => faultWords(french, fault).lang !== '')).toEqual([])
      },
    ),
    { numRuns: 250 },
  )
})

describe('a page in French', () => {
  let room: Room
  beforeAll(async () => {
    room = await openRoom()
  })
  afterAll(() => room.close())
  const sheet = [
    'Identifiant;Date;Territoire;Messages;Titre;Couleur',
    'fr-1;2024-05-15;NC;31;Un constat;bleu',
    'fr-2;n’importe quand;NC;5;Une date illisible;',
    'fr-3;2024-05-15;NC;5;Une cellule de trop;;x',
  ].join('\n')
  const page = async (path: string) => (await room.page(path, 'fr')).text
  const upload = async (content: string, name: string): Promise<string> => {
    const body = new FormData()
    body.set('token', formToken)
    body.set('file', new File([content], name))
    const answer = await room.app.request('http://127.0.0.1/room/add', {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
      body,
    })
    expect(answer.status).toBe(303)
    return page(answer.headers.get('location') ?? '')
  }
  const english = /<(?:bdi|span|li)[^>]* lang="en"/
  const date = 'aut «\u202fn’importe quand\u202f», qui n’est pas une date\u00a0: écrivez 2024-05-15'

  test('shows what is wrong with an uploaded file', async () => {
    const preview = await upload(sheet, 'suivi.csv')
    for (const words of [date, '7 cellules sous 6 en-têtes', 'La colonne «\u202fCouleur\u202f» n’est pas utilisée'])
      expect(preview).toContain(words)
    const unknown = await upload('Bonjour,\nvoici le point de la semaine.\n', 'notes.txt')
    expect(unknown).toContain('notes.txt n’a aucun format que Vigie reconnaisse à son contenu')
    for (const text of [preview, unknown]) expect(text).not.toMatch(english)
  })

  test('shows what is wrong with a reject, and marks a text without French', async () => {
    await faultsOf(['suivi.csv', sheet], room.opened.services)
    const { rejects } = room.opened.services
    const inbox = await page('/room/inbox')
    expect(inbox).toContain(`<b><bdi>Date</bdi></b> <bdi>v${date}`)
    expect(inbox).not.toMatch(english)
    const [one] = await Array.fromAsync(rejects.open())
    if (!one) throw new Error('nothing was rejected')
    const unknown = fault('asWritten', { text: 'has fallen into the sea' })
    const failure = { path: '', fault: unknown, message: faultText(unknown) }
    await rejects.failedAgain(one.rejectId, failure, new Date(one.rejectedAt))
    expect(await page(`/room/inbox/rejects/${one.rejectId}`)).toContain('<bdi lang="en">has fallen into the sea')
  })
})

/** Names of commands, columns, frameworks and values, which are the same in both languages. */
/** Of commands, columns, frameworks and values, which are written as they are. */
const properNames =
  /^(vigie|recipients update|id account time|Meta Online|Online Operations|Operations Kill|coordination network|Invalid PDF|détournement de mot|événement hors ligne|almost no chance|Coordinating and planning)/
/** Rows of three words that occur in both texts, which should have been translated. */
/** Three words in a row that both have: what our own words should have become. */
const leftInEnglish = (english: string, french: string): readonly string[] => {
  const rows = (text: string) => {
    const words = text.match(/[\p{L}’']+|[^\p{L}\s]+/gu) ?? []
    return words.map((_, at) => words.slice(at, at + 3)).filter((three) => three.length === 3 && three.every(isWord))
  }
  const known = new Set(rows(french).map((three) => three.join(' ')))
  return rows(english)
    .map((three) => three.join(' '))
    .filter((three) => known.has(three) && !properNames.test(three))
}

const isWord = (text: string): boolean => /^\p{L}/u.test(text)
