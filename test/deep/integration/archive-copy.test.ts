/**
 * An archive is copied whole, once, and into a bucket that takes nothing twice; what is damaged or in conflict is named
 * and left.
 */
import { randomUUID } from 'node:crypto'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { archiveFolder } from '../../../lambdas/archive/archive.local.ts'
import type { Archive } from '../../../lambdas/archive/archive.ts'
import { sha256 } from '../../../lambdas/domain/core/text/canonical.ts'
import { manifestBytes } from '../../../lambdas/domain/report/manifest.ts'
import { copyArchive } from '../../../lambdas/usecases/archive/copy-archive.ts'
import { jsonOf, newFolder, type VerifyJson, vigie, vigieJson } from '../../support/cli.ts'
import { input } from '../../support/detections.ts'
import { overwrite } from '../../support/files.ts'
import { type Interceptor, s3Error } from '../../support/proxy.ts'
import { testKey } from '../../support/rights/enforce.ts'
import { ingestInto, openedOn, reportFrom } from '../../support/services.ts'
import { sharedTemplate } from '../../support/shared-assembly.ts'
import { type StackHere, startStack } from '../../support/stack-here.ts'

let folder: string
let remove: () => Promise<void>
let stack: StackHere
let home: string

/**
 * What the bucket's policy does: it denies a put that does not say that the key must be free, copies and parts among
 * them.
 */
const writeOnce: Interceptor = async (asked, through) => {
  const puts = asked.method === 'PUT' && /\/reports\//.test(asked.url)
  return puts && asked.headers['if-none-match'] !== '*' ? s3Error(403, 'AccessDenied') : through(asked)
}

beforeAll(async () => {
  ;({ folder, remove } = await newFolder())
  home = join(folder, 'home')
  await openedOn(home, async (opened) => {
    await ingestInto(opened, [input({ id: 'a' })])
    await reportFrom(opened, 'NC', '2024-W20')
    await ingestInto(opened, [input({ id: 'b' })])
    await reportFrom(opened, 'NC', '2024-W20')
    // Given up after one file: it has no manifest.
    await opened.services.archive.put('reports/PF/2024-W20/amber/v0001/detections.csv', Buffer.from('id\n'), 'text/csv')
  })
  stack = await startStack(await sharedTemplate())
  stack.services.intercept(writeOnce)
})
afterAll(async () => {
  await stack.close()
  await remove()
})

type Copy = {
  readonly versions: number
  readonly copied: number
  readonly there: number
  readonly problems: readonly { readonly file: string; readonly message: string }[]
}
const environment = () => ({ env: { ...stack.env, VIGIE_HOME: home } })
/** A bucket outside the stage is opened by another account. */
const elsewhere = () => ({ env: { ...environment().env, AWS_ACCESS_KEY_ID: testKey } })
const copied = async (from: string, to: string, ...words: readonly string[]) => {
  const ran = await vigie(
    ['archive', 'copy', from, to, ...words, '--json'],
    to.startsWith('s3:') ? elsewhere() : environment(),
  )
  return { code: ran.code, ...jsonOf<Copy>(ran) }
}
/** A copy of the home's archive, with a change in it. */
const copyOfHome = async (change: (archive: string) => Promise<void> = async () => undefined): Promise<string> => {
  const mine = join(folder, randomUUID())
  await cp(join(home, 'archive'), join(mine, 'archive'), { recursive: true })
  await change(join(mine, 'archive'))
  return mine
}
const first = 'reports/NC/2024-W20/amber/v0001'
const second = 'reports/NC/2024-W20/amber/v0002'

describe('vigie archive copy', () => {
  test('copies nothing of a version whose manifest or signature was changed', async () => {
    const key = join(folder, 'own.pem')
    await writeFile(key, (await vigie(['archive', 'key', '--home', home])).stdout)
    for (const [file, change] of [
      [`${first}/manifest.json`, (bytes: Buffer) => bytes.toString().replace('2024-W20', '2024-W21')],
      [`${first}/manifest.sig`, () => 'xx'],
    ] as const) {
      const mine = await copyOfHome((archive) => overwrite(join(archive, file), change))
      const done = await copied(`home:${mine}`, `home:${join(folder, randomUUID())}`, '--key', key)
      expect([file, done.code, done.problems]).toEqual([
        file,
        1,
        [{ file: expect.any(String), message: expect.any(String) }],
      ])
      expect(done.problems[0]?.message).toContain('so nothing of its version was copied')
    }
  })

  test('from a home to a stage, and back to another home: every byte; once more writes nothing', async () => {
    expect(await copied('home', 'stage:test')).toMatchObject({
      code: 0,
      versions: 3,
      copied: 21,
      there: 0,
      problems: [],
    })
    const bucket = stack.outputs.ArchiveBucket ?? ''
    expect(await stack.keys(bucket)).toHaveLength(21)
    let puts = 0
    const undo = stack.services.intercept(async (asked, through) => {
      if (asked.method === 'PUT') puts += 1
      return through(asked)
    })
    expect(await copied('home', `s3://${bucket}`)).toMatchObject({ code: 0, copied: 0, there: 21 })
    undo()
    expect(puts).toBe(0)

    const other = join(folder, 'other')
    // Signed by the home's key, not by the stage's.
    const unknown = await copied('stage:test', `home:${join(folder, 'none')}`)
    expect([unknown.code, unknown.copied]).toEqual([1, 1])
    expect(unknown.problems[0]?.message).toContain('another key has signed: name it by --key')
    const key = join(folder, 'key.pem')
    await writeFile(key, (await vigie(['archive', 'key', '--home', home])).stdout)
    const words = ['archive', 'copy', 'stage:test', `home:${other}`, '--key', key]
    const copy = await vigie(words, environment())
    expect(copy.stdout).toContain('3 versions: 21 objects copied, 0 there already, 0 problems')
    expect(copy.stdout).toContain(`vigie archive reindex --key vigie.pem --home ${other} puts it in`)
    expect(copy.stdout).toContain('recalls are not in an archive')
    const again = await vigie(words, environment())
    expect(again.stdout).not.toContain('reindex')
    // The index knows none of it yet: one problem, not one for each file.
    const before = await vigie(['archive', 'verify', '--home', other, '--key', key, '--json'])
    expect({ code: before.code, ...jsonOf<VerifyJson>(before) }).toMatchObject({
      code: 1,
      versions: 0,
      problems: [
        {
          file: join(other, 'archive', 'reports'),
          message: expect.stringMatching(/^holds 3 versions, none of which is in the index: vigie archive reindex/),
        },
      ],
    })
    await vigieJson(['archive', 'reindex', '--home', other, '--key', key])
    const verified = await vigieJson<VerifyJson>(['archive', 'verify', '--home', other, '--key', key])
    expect(verified).toMatchObject({ versions: 2, files: 16, problems: [] })
  })

  test('whose target refuses in the middle fails, leaves no version that looks complete, and continues when it is called again', async () => {
    const bucket = `copy-${randomUUID()}`
    await stack.s3.send(new CreateBucketCommand({ Bucket: bucket }))
    const undo = stack.services.intercept(async (asked, through) =>
      asked.method === 'PUT' && asked.url.includes(`${second}/report.fr.pdf`)
        ? s3Error(403, 'AccessDenied')
        : through(asked),
    )
    const failed = await vigie(['archive', 'copy', 'home', `s3://${bucket}`], elsewhere())
    undo()
    expect(failed.code).toBe(1)
    const half = await stack.keys(bucket)
    expect(half).toContain(`${first}/manifest.json`)
    expect(half).not.toContain(`${second}/manifest.json`)
    const again = await copied('home', `s3://${bucket}`)
    expect(again).toMatchObject({ code: 0, problems: [] })
    expect(again.there).toBeGreaterThanOrEqual(9)
    expect(again.copied + again.there).toBe(21)
    expect(await stack.keys(bucket)).toHaveLength(21)
  })

  test.each([
    [
      'a damaged file',
      (archive: string) => overwrite(join(archive, first, 'report.json'), (bytes) => `${bytes} `),
      'has other bytes than its manifest states',
      'report.json',
    ],
    ['a missing file', (archive: string) => rm(join(archive, first, 'report.fr.html')), 'is missing', 'report.fr.html'],
    [
      'a manifest that is none',
      (archive: string) => overwrite(join(archive, first, 'manifest.json'), () => '{}'),
      'is no manifest',
      'manifest.json',
    ],
  ])('names %s, and copies everything but that file and its manifest', async (_, damage, words, name) => {
    const mine = await copyOfHome(damage)
    const target = join(folder, randomUUID())
    const { code, problems } = await copied(`home:${mine}`, `home:${target}`)
    expect(code).toBe(1)
    expect(problems).toEqual([{ file: join(mine, 'archive', first, name), message: expect.stringContaining(words) }])
    const keys = await Array.fromAsync(archiveFolder(join(target, 'archive')).list(''))
    expect(keys).not.toContain(`${first}/${name}`)
    expect(keys).not.toContain(`${first}/manifest.json`)
    expect(keys).toContain(`${second}/manifest.json`)
  })

  test('names what is there with other bytes, and replaces nothing', async () => {
    const target = await copyOfHome((archive) => overwrite(join(archive, first, 'detections.csv'), () => 'other'))
    const { code, problems, copied: written } = await copied('home', `home:${target}`)
    expect({ code, written }).toEqual({ code: 1, written: 0 })
    expect(problems).toEqual([
      {
        file: join(target, 'archive', first, 'detections.csv'),
        message: 'is there already with other bytes, and nothing is replaced',
      },
    ])
    expect(Buffer.from(await archiveFolder(join(target, 'archive')).get(`${first}/detections.csv`)).toString()).toBe(
      'other',
    )
  })

  test('names files that are no objects of the archive', async () => {
    const mine = await copyOfHome((archive) => writeFile(join(archive, '.notes'), 'mine'))
    const { code, problems } = await copied(`home:${mine}`, `home:${join(folder, randomUUID())}`)
    expect({ code, problems }).toMatchObject({ code: 1, problems: [{ file: join(mine, 'archive', '.notes') }] })
  })

  test.each([
    ['no place', ['prod', 'home'], 2, 'is no place of an archive'],
    ['itself', ['home', 'home'], 2, 'is where it is copied from'],
    ['a stage beside the places', ['home', 'stage:test', '--stage', 'test'], 2, 'give stage:NAME'],
    ['a home without an archive', ['home:/nowhere', 'home'], 1, 'name the data folder of the archive'],
    ['a stage that is not deployed', ['stage:nowhere', 'home'], 1, 'vigie-nowhere cannot be read'],
  ])('of %s is an error', async (_, places, code, words) => {
    const ran = await vigie(['archive', 'copy', ...places], environment())
    expect(ran).toMatchObject({ code, stderr: expect.stringContaining(words) })
    // An operator of one stage does not learn whether there are others.
    stack.denied.splice(0)
  })
})

const bytesOf = (text: string) => new TextEncoder().encode(text)
const wholeVersion = (number: number, texts: readonly string[]) => {
  const files = texts.map((text, at) => ({ name: `file-${at}.csv`, bytes: bytesOf(text) }))
  const manifest = manifestBytes({
    ...{ schema: 'vigie-manifest/1', report: `NC/2024-W20/amber/v000${number}`, territory: 'NC', period: '2024-W20' },
    ...{ cap: 'TLP:AMBER', marking: 'TLP:GREEN', version: number, asOf: '2024-05-20T00:00:00.000Z' },
    ...{
      snapshotSha256: sha256(bytesOf('s')),
      program: 'vigie test',
      templatesSha256: sha256(bytesOf('t')),
      previous: null,
    },
    files: files.map(({ name, bytes }) => ({
      name,
      contentType: 'text/csv',
      bytes: bytes.byteLength,
      sha256: sha256(bytes),
    })),
  })
  const all = [...files, { name: 'manifest.json', bytes: manifest }]
  return all.map(({ name, bytes }) => ({ key: `reports/NC/2024-W20/amber/v000${number}/${name}`, bytes }))
}
const contents = async (archive: Archive) => {
  const keys = await Array.fromAsync(archive.list(''))
  return Promise.all(keys.map(async (key) => [key, Buffer.from(await archive.get(key)).toString()]))
}

test('whatever part of it is there before, the copy ends as the source, and counts each object once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.string({ maxLength: 8 }), { maxLength: 3 }), { maxLength: 3 }),
      fc.infiniteStream(fc.boolean()),
      async (versions, isThere) => {
        const place = join(folder, randomUUID())
        await mkdir(place)
        const [from, to] = [archiveFolder(join(place, 'from')), archiveFolder(join(place, 'to'))]
        const objects = versions.flatMap((texts, at) => wholeVersion(at + 1, texts))
        let before = 0
        for (const { key, bytes } of objects) {
          await from.put(key, bytes, 'text/csv')
          if (!isThere.next().value) continue
          before += 1
          await to.put(key, bytes, 'text/csv')
        }
        const done = await Array.fromAsync(copyArchive(from, to))
        const sum = (count: (one: (typeof done)[number]) => number) => done.reduce((all, one) => all + count(one), 0)
        expect(await contents(to)).toEqual(await contents(from))
        expect(sum(({ there }) => there)).toBe(before)
        expect(sum(({ copied: written }) => written)).toBe(objects.length - before)
        expect(done.flatMap(({ problems }) => problems)).toEqual([])
        await rm(place, { recursive: true })
      },
    ),
    { numRuns: 25 },
  )
})
