/**
 * Pictures on the stack: announced by the API, uploaded to a signed address, masked by their function, shown by
 * generate, removed by an operator.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sha256 } from '../../../lambdas/domain/core/text/canonical.ts'
import { newFolder, type RunOptions, vigie } from '../../support/cli.ts'
import { now } from '../../support/clock.ts'
import { input } from '../../support/detections.ts'
import { askFunction } from '../../support/http-event.ts'
import { exifWithGps, pixelsOf, png, pngChunk, scene } from '../../support/pictures.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere
let home: Awaited<ReturnType<typeof newFolder>>
beforeAll(async () => {
  home = await newFolder()
  stack = await startStack(await sharedAssembly())
})
afterAll(async () => {
  await stack.close()
  await home.remove()
})

/** Runs a command on the stage as an operator. */
const vigieHere = (words: readonly string[], options: RunOptions = {}) =>
  vigie([...words, '--stage', 'test'], { ...options, env: { ...stack.env, VIGIE_HOME: home.folder } })

const claims = {
  sub: 'unit-7',
  scope: 'reports:read reports:create detections:read detections:write',
  vigie_clearance: 'TLP:AMBER',
  vigie_territories: '[NC]',
}
const ask = async (method: string, path: string, body?: unknown, as: object = claims) =>
  askFunction(await stack.instance('ProgramsWorker'), method, path, {
    ...(body !== undefined && { body }),
    authorizer: { jwt: { claims: as, scopes: null } },
  })

const stated = {
  by: 'C. Morel',
  masks: [{ x: 40, y: 30, width: 40, height: 40 }],
  caption: { fr: 'Une maison', en: 'A house' },
  alt: { fr: 'Schéma d’une maison', en: 'Drawing of a house' },
  source: 'X',
  date: '2024-05-15',
  marking: 'TLP:GREEN',
}
const secret = 'GPS 22.2758 S'
const file = png(scene(), [pngChunk('eXIf', exifWithGps(secret))])
const Bucket = () => stack.outputs.PlatesBucket ?? ''
/** Tells the function of an upload, as S3 does. */
const uploaded = async (key: string) =>
  (await stack.instance('PlatesWorker')).invoke({
    source: 'aws.s3',
    detail: { bucket: { name: Bucket() }, object: { key } },
  })

/** Announces a picture, uploads it, and has the function process it */
const put = async (bytes: Uint8Array, more: object = {}) => {
  const opened = JSON.parse((await ask('POST', '/plates', { ...stated, bytes: bytes.length, ...more })).body)
  const answer = await fetch(opened.url, { method: 'PUT', body: new Uint8Array(bytes) })
  expect(answer.status).toBe(200)
  await uploaded(`incoming/${opened.id}`)
  return { opened, outcome: JSON.parse((await ask('GET', opened.outcome)).body) }
}

/** Works while the first look for a plate finds none, as where another one adds it at that moment. */
const unseen = async <Done>(work: () => Promise<Done>): Promise<Done> => {
  let looks = 0
  const undo = stack.table.intercept(async (asked, through) => {
    const isLook = String(asked.headers['x-amz-target']).endsWith('BatchGetItem')
    if (!isLook || looks++ > 0) return through(asked)
    const body = JSON.stringify({ Responses: {}, UnprocessedKeys: {} })
    return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body }
  })
  try {
    return await work()
  } finally {
    undo()
  }
}

describe('a picture that is uploaded', () => {
  test('is masked and stored, its upload is gone, and a report shows it', async () => {
    const { opened, outcome } = await put(file)
    expect(new URL(opened.url).searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;host')
    expect(outcome).toMatchObject({ id: opened.id, state: 'stored' })
    expect(await stack.keys(Bucket())).toEqual([`plates/${outcome.sha256}`])
    const bytes = await stack.object(Bucket(), `plates/${outcome.sha256}`)
    expect(sha256(bytes)).toBe(outcome.sha256)
    expect(bytes.includes(secret)).toBe(false)
    expect(pixelsOf(bytes).at(60, 50)).toEqual([0, 0, 0])

    const record = input({ marking: 'TLP:GREEN', counts: { posts: 10 }, plates: [outcome.sha256] })
    expect((await ask('POST', '/detections', record)).status).toBe(200)
    await ask('POST', '/reports', { territory: 'NC', period: '2024-W20' })
    await stack.work('ReportsQueue', 'Generate')
    const html = await stack.object(stack.outputs.ArchiveBucket ?? '', 'reports/NC/2024-W20/amber/v0001/report.fr.html')
    expect(html.includes(bytes.toString('base64').slice(0, 60))).toBe(true)
    // The same event, and the same picture again: it is one plate.
    expect(await uploaded(`incoming/${opened.id}`)).toMatchObject({ value: null })
    // Another upload was quicker: the picture that is there is the same.
    expect((await unseen(() => put(file))).outcome.sha256).toBe(outcome.sha256)
    const out = join(home.folder, 'shown.png')
    await vigieHere(['plates', 'show', outcome.sha256, '--out', out])
    expect(sha256(await readFile(out))).toBe(outcome.sha256)

    const forget = ['plates', 'forget', outcome.sha256, '--by', 'A. Roy', '--reason', 'a minor', '--json']
    const forgotten = JSON.parse((await vigieHere(forget)).stdout)
    expect(forgotten).toMatchObject({ shownBy: ['NC/2024-W20/amber/v0001'], already: false })
    expect(await stack.keys(Bucket())).toEqual([])
    const refused = (await put(file)).outcome
    expect(refused).toEqual({
      id: refused.id,
      state: 'refused',
      reason: 'it cannot be added: ask who runs this service',
    })
    // Removed in the meantime: what was stored just now is removed again.
    expect((await unseen(() => put(file))).outcome.state).toBe('refused')
    expect(await stack.keys(Bucket())).toEqual([])
    const gone = await vigieHere(['plates', 'show', outcome.sha256, '--out', `${out}2`])
    expect(gone.stderr).toContain('is no longer stored')
  })

  test('is refused with the reason where it is no picture, and goes', async () => {
    const { outcome } = await put(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))
    expect(outcome).toMatchObject({ state: 'refused', reason: expect.stringContaining('an SVG') })
    expect(await stack.keys(Bucket())).toEqual([])
  })

  test('that is gone from its bucket stops the report', async () => {
    const { outcome } = await put(png(scene(80, 60)), { masks: undefined, nothingToMask: true })
    const record = input({ id: 'd2', marking: 'TLP:GREEN', observed: { from: '2024-05-22' }, plates: [outcome.sha256] })
    await ask('POST', '/detections', record)
    await stack.s3.send(new DeleteObjectCommand({ Bucket: Bucket(), Key: `plates/${outcome.sha256}` }))
    await ask('POST', '/reports', { territory: 'NC', period: '2024-W21' })
    const generate = await stack.instance('Generate')
    await stack.pump(stack.queue('ReportsQueue'), [generate])
    expect(generate.log()).toContain(`the picture of the evidence image ${outcome.sha256} is missing`)
  })

  test('is stored by an operator’s command as well', async () => {
    const words = ['--by', 'C. Morel', '--nothing-to-mask', '--source', 'X', '--date', '2024', '--tlp', 'GREEN']
    const texts = ['--caption-fr', 'a', '--caption-en', 'b', '--alt-fr', 'c', '--alt-en', 'd']
    const added = await vigieHere(['plates', 'add', '-', ...words, ...texts, '--json'], { stdin: png(scene(64, 64)) })
    const { sha256: hash } = JSON.parse(added.stdout)
    expect(await stack.keys(Bucket())).toEqual([`plates/${hash}`])
  })

  test('that was announced and never uploaded still waits; an upload that was not announced is deleted unread', async () => {
    const opened = JSON.parse((await ask('POST', '/plates', { ...stated, bytes: 10 })).body)
    expect(await uploaded(`incoming/${opened.id}`)).toMatchObject({ value: null })
    expect(JSON.parse((await ask('GET', opened.outcome)).body)).toMatchObject({ state: 'waiting' })
    expect(await uploaded('incoming/00000000-0000-4000-8000-000000000000')).toMatchObject({ value: null })
    expect(await uploaded('plates/other')).toMatchObject({ error: expect.anything() })
  })
})

test('a picture is removed by the schedule after the days of the organisation, unless the schedule is paused', async () => {
  const expire = await stack.instance('PlateExpiryWorker')
  /** The schedule fires so many days from now. */
  const fire = (days: number) =>
    expire.invoke({ scheduledAt: new Date(now().getTime() + days * 86_400_000).toISOString() })
  const schedules = (action: string) =>
    vigieHere(['schedules', action, 'plates', '--by', 'A. Roy', '--reason', 'a court asks for them'])
  const { outcome } = await put(png(scene(90, 70)))
  const record = input({ id: 'd3', marking: 'TLP:GREEN', observed: { from: '2024-05-29' }, plates: [outcome.sha256] })
  await ask('POST', '/detections', record)
  await ask('POST', '/reports', { territory: 'NC', period: '2024-W22' })
  await stack.work('ReportsQueue', 'Generate')
  const isThere = async () => (await stack.keys(Bucket())).includes(`plates/${outcome.sha256}`)

  // As many whole days after its own.
  expect(await fire(30)).toMatchObject({ value: null })
  expect(await isThere()).toBe(true)
  expect((await schedules('pause')).stderr).toBe('')
  expect(await fire(40)).toMatchObject({ value: null })
  expect(await isThere()).toBe(true)
  expect(expire.log()).toContain('a court asks for them')
  expect((await schedules('resume')).stderr).toBe('')
  for (let times = 0; times < 2; times += 1) expect(await fire(40)).toMatchObject({ value: null })
  expect(await isThere()).toBe(false)
  expect(expire.log()).toContain('NC/2024-W22/amber/v0001')
  const shown = await vigieHere(['plates', 'show', outcome.sha256, '--json'])
  expect(JSON.parse(shown.stdout)).toMatchObject({
    removed: { by: 'schedule plates/day', keptDays: 30 },
    shownBy: ['NC/2024-W22/amber/v0001'],
  })
  expect(await expire.invoke({})).toMatchObject({ error: expect.anything() })
})

describe('the interface', () => {
  const crop = { x: 0, y: 0, width: 5, height: 5 }
  test.each<[number, object, object?]>([
    [201, { masks: undefined, nothingToMask: true }],
    [201, { crop }],
    [403, {}, { ...claims, scope: 'reports:read' }],
    [422, { masks: [] }],
    [422, { nothingToMask: true }],
    [422, { alt: { fr: 'x' } }],
    [422, { alt: { fr: 'x', en: '' } }],
    [422, { bytes: 20_000_001 }],
    [422, { by: '' }],
    [422, { crop: { ...crop, width: 0 } }],
    [422, { crop, originalOf: 'a'.repeat(64) }],
  ])('answers with %i where a picture is announced with %j', async (status, more, as = claims) => {
    expect((await ask('POST', '/plates', { ...stated, bytes: 10, ...more }, as)).status).toBe(status)
  })

  test('refuses an upload of another size than was announced', async () => {
    // The stand-in takes any; S3 refuses by the signature.
    const { outcome } = await put(file, { bytes: file.length - 1 })
    expect(outcome).toMatchObject({ state: 'refused', reason: `it has ${file.length} bytes, not ${file.length - 1}` })
  })

  test('shows the outcome of an upload to its caller alone', async () => {
    const opened = JSON.parse((await ask('POST', '/plates', { ...stated, bytes: 10 })).body)
    expect((await ask('GET', opened.outcome)).status).toBe(200)
    expect((await ask('GET', opened.outcome, undefined, { ...claims, sub: 'unit-8' })).status).toBe(404)
    expect((await ask('GET', '/plates/none')).status).toBe(404)
  })
})
