/** Archive verification finds and names every change in the archive. */
import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { archiveFolder } from '../../lambdas/archive/archive.local.ts'
import { sha256 } from '../../lambdas/domain/core/text/canonical.ts'
import { openSigner } from '../../lambdas/keys/signer.local.ts'
import type { Reports, VersionEntry } from '../../lambdas/store/reports/reports.ts'
import { type VerifyOptions, verifyArchive } from '../../lambdas/usecases/archive/verify-archive.ts'
import { jsonOf, newFolder, type VerifyJson, vigie } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { overwrite } from '../support/files.ts'
import { ingestInto, type Opened, openServices, reportFrom } from '../support/services.ts'

let folder: string
let original: string
let opened: Opened
let cleanUp: () => Promise<void>
let copies = 0

beforeAll(async () => {
  const { folder: made, remove } = await newFolder()
  folder = made
  original = join(folder, 'original')
  opened = await openServices(original, 'now')
  cleanUp = async () => {
    await opened.close()
    await remove()
  }
  // Two versions of one edition, and one of another.
  await ingestInto(opened, [input({ id: 'a' })])
  await reportFrom(opened, 'NC', '2024-W20')
  await ingestInto(opened, [input({ id: 'b' })])
  await reportFrom(opened, 'NC', '2024-W20')
  await reportFrom(opened, 'PF', '2024-W20')
})

afterAll(() => cleanUp())

const first = 'reports/NC/2024-W20/amber/v0001'
const second = 'reports/NC/2024-W20/amber/v0002'
const manifest = `${first}/manifest.json`

type Change = (archive: string) => Promise<unknown>
type Forge = (entry: VersionEntry) => VersionEntry | undefined

/** Verifies a changed copy of the archive against the index, which an attacker may have changed too. */
const verifyAfter = async (change: Change, forge: Forge = (entry) => entry, options: VerifyOptions = {}) => {
  const archive = join(folder, `copy-${++copies}`)
  await cp(join(original, 'archive'), archive, { recursive: true })
  await change(archive)
  const { reports } = opened.services
  const all: Reports['all'] = async function* (filter) {
    for await (const entry of reports.all(filter)) {
      const forged = forge(entry)
      if (forged) yield forged
    }
  }
  const services = { ...opened.services, archive: archiveFolder(archive), reports: { ...reports, all } }
  const verified = await verifyArchive(services, options)
  await rm(archive, { recursive: true, force: true })
  const named = verified.problems.map(({ file }) => file.slice(archive.length + 1)).toSorted()
  return { ...verified, named, messages: verified.problems.map(({ message }) => message) }
}

const flipMiddleBit = (bytes: Buffer): Buffer => {
  const middle = bytes.length >> 1
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle)
  return bytes
}
const raiseMarking = (bytes: Buffer): string => String(bytes).replace(/"marking":"[^"]+"/, '"marking":"TLP:RED"')

const swap = async (one: string, other: string) => {
  await rename(one, `${one}-x`)
  await rename(other, one)
  await rename(`${one}-x`, other)
}

describe('verification', () => {
  it('finds no problem in an unchanged archive', async () => {
    const names = await readdir(join(original, 'archive', first))
    const files = 3 * (names.length - 2) // all but the manifests and their signatures
    expect(await verifyAfter(async () => {})).toMatchObject({ versions: 3, files, problems: [] })
  })

  it('finds a changed byte in every kind of file', async () => {
    const names = (await readdir(join(original, 'archive', first))).filter((name) => name !== 'manifest.json')
    expect(names.length).toBeGreaterThanOrEqual(5)
    const found = await verifyAfter(async (archive) => {
      for (const name of names) await overwrite(join(archive, first, name), flipMiddleBit)
    })
    expect(found.named).toEqual(names.map((name) => `${first}/${name}`).toSorted())
  })

  it.each<[string, Change, readonly string[]]>([
    [
      'a removed file, a shortened and a lengthened one',
      async (archive) => {
        await rm(join(archive, first, 'report.fr.pdf'))
        await overwrite(join(archive, first, 'report.en.html'), (bytes) => bytes.subarray(0, -1))
        await overwrite(join(archive, second, 'report.json'), (bytes) => `${bytes}\n`)
      },
      [`${first}/report.en.html`, `${first}/report.fr.pdf`, `${second}/report.json`],
    ],
    [
      'unknown files of any name, but no drafts',
      async (archive) => {
        for (const name of [
          'a folder/x.pdf',
          'évidence.pdf',
          '.hidden',
          '.draft-0b0e8c4e-7f0e-4d1c-9a53-4a8c0d1f2b3c',
        ]) {
          await mkdir(dirname(join(archive, second, name)), { recursive: true })
          await writeFile(join(archive, second, name), 'x')
        }
        await writeFile(join(archive, 'note.txt'), 'x')
      },
      ['note.txt', `${second}/.hidden`, `${second}/a folder/x.pdf`, `${second}/évidence.pdf`],
    ],
    [
      'swapped files',
      (archive) => swap(join(archive, first, 'report.fr.pdf'), join(archive, first, 'report.en.pdf')),
      [`${first}/report.en.pdf`, `${first}/report.fr.pdf`],
    ],
    [
      'a link and a folder in place of files',
      async (archive) => {
        const at = (name: string) => join(archive, first, name)
        await rm(at('report.fr.html'))
        await mkdir(at('report.fr.html'))
        await rm(at('report.en.html'))
        await symlink('nowhere', at('report.en.html'))
      },
      [`${first}/report.en.html`, `${first}/report.fr.html`],
    ],
    [
      'an edited manifest',
      (archive) => overwrite(join(archive, manifest), (bytes) => String(bytes).replace('"version":1', '"version":7')),
      [manifest],
    ],
    [
      'a change with a matching edit of the manifest',
      async (archive) => {
        const path = join(archive, first, 'report.en.html')
        const before = sha256(await readFile(path))
        await overwrite(path, flipMiddleBit)
        const after = sha256(await readFile(path))
        await overwrite(join(archive, manifest), (bytes) => String(bytes).replace(before, after))
      },
      [manifest],
    ],
    [
      'a signature of another manifest',
      async (archive) => {
        const other = await readFile(join(archive, second, 'manifest.sig'))
        await overwrite(join(archive, first, 'manifest.sig'), () => other)
      },
      [`${first}/manifest.sig`],
    ],
  ])('finds %s', async (_, change, named) => {
    expect((await verifyAfter(change)).named).toEqual(named)
  })

  it.each<[string, Change, readonly string[]]>([
    [
      'an added version',
      (archive) => cp(join(archive, second), join(archive, second.replace('v0002', 'v0003')), { recursive: true }),
      [`${second.replace('v0002', 'v0003')}/manifest.json`],
    ],
    [
      'swapped versions',
      (archive) => swap(join(archive, first), join(archive, second)),
      [manifest, `${second}/manifest.json`],
    ],
    ['a removed version', (archive) => rm(join(archive, first), { recursive: true }), [manifest]],
    ['a removed archive', (archive) => rm(archive, { recursive: true }), [manifest, `${second}/manifest.json`]],
    ...(
      [
        ['a name outside the archive', (text) => text.replaceAll('report.fr.pdf', '../../../../../../etc/passwd')],
        ['a name that is no key', (text) => text.replaceAll('report.fr.pdf', 'report fr pdf')],
        ['no JSON', () => '{'],
        ['another schema', () => '{}'],
      ] as readonly (readonly [string, (text: string) => string])[]
    ).map(([what, edit]): [string, Change, readonly string[]] => [
      `a manifest with ${what}, and still checks the other versions`,
      async (archive) => {
        await overwrite(join(archive, manifest), (bytes) => edit(String(bytes)))
        await rm(join(archive, second, 'report.json'))
      },
      [manifest, `${second}/report.json`],
    ]),
  ])('finds %s', async (_, change, named) => {
    expect((await verifyAfter(change)).named).toEqual(expect.arrayContaining([...named]))
  })

  it('finds a manifest that was forged together with the index, since the forger lacks the key', async () => {
    let forged = ''
    const changeManifest = async (archive: string) => {
      const path = join(archive, second, 'manifest.json')
      await overwrite(path, raiseMarking)
      forged = sha256(await readFile(path))
    }
    const changeIndex: Forge = (entry) =>
      entry.territory === 'NC' && entry.version === 2 && entry.published
        ? { ...entry, published: { ...entry.published, manifestSha256: forged } }
        : entry
    const unsigned = await verifyAfter(changeManifest, changeIndex)
    expect(unsigned.named).toEqual([`${second}/manifest.sig`])
    expect(unsigned.messages[0]).toContain('is no signature of the manifest next to it')
    const signedByForger = await verifyAfter(async (archive) => {
      await changeManifest(archive)
      const signer = openSigner(await mkdtemp(join(folder, 'forger-')))
      const signed = await signer.sign(await readFile(join(archive, second, 'manifest.json')))
      await overwrite(join(archive, second, 'manifest.sig'), () => signed)
    }, changeIndex)
    expect(signedByForger.named).toEqual([`${second}/manifest.sig`])
  })

  it('finds a missing signature, unless unsigned versions are allowed', async () => {
    const unsign: Change = (archive) => rm(join(archive, first, 'manifest.sig'))
    const found = await verifyAfter(unsign)
    expect(found).toMatchObject({ unsigned: 1, named: [`${first}/manifest.sig`] })
    expect(found.messages[0]).toContain('is not signed')
    const allowed = await verifyAfter(unsign, undefined, { allowUnsigned: true })
    expect(allowed).toMatchObject({ unsigned: 1, problems: [] })
  })

  it('finds a version that was removed from the archive and the index, if a later one follows', async () => {
    const found = await verifyAfter(
      (archive) => rm(join(archive, first), { recursive: true }),
      (entry) => (entry.territory === 'NC' && entry.version === 1 ? undefined : entry),
    )
    expect(found.named).toEqual([manifest, `${second}/manifest.json`])
    expect(found.messages).toEqual([
      'is not in the index, which continues with version 2',
      'does not follow on nothing, as a first version does',
    ])
  })

  it('trusts all given keys, and no other key', async () => {
    const own = await opened.services.signer.publicKey()
    const stranger = openSigner(await mkdtemp(join(folder, 'other-')))
    await stranger.sign(Buffer.from('something else'))
    const other = await stranger.publicKey()
    expect((await verifyAfter(async () => {}, undefined, { keys: [other, own] })).problems).toEqual([])
    const strangers = await verifyAfter(async () => {}, undefined, { keys: [other] })
    expect(strangers.named).toHaveLength(3)
    expect(strangers.messages[0]).toContain(other.fingerprint.slice(0, 16))
  })

  it('checks no more than openssl does by the recipe of docs/reports.md', async ({ skip }) => {
    const { error } = spawnSync('openssl', ['version'])
    if (error) return skip(`openssl cannot be run: ${error.message}`)
    const guide = await readFile(new URL('../../docs/reports.md', import.meta.url), 'utf8')
    const [, recipe = ''] = /```sh\n(openssl dgst[\s\S]*?)```/.exec(guide) ?? []
    expect(recipe).toContain('-verify')
    const copy = join(folder, 'for-openssl')
    await cp(join(original, 'archive', first), copy, { recursive: true })
    await writeFile(join(copy, 'vigie.pem'), (await opened.services.signer.publicKey()).pem)
    const follow = () => spawnSync('sh', ['-c', recipe], { cwd: copy, encoding: 'utf8' })
    expect(follow()).toMatchObject({ stdout: 'Verified OK\n', status: 0 })
    await overwrite(join(copy, 'report.fr.pdf'), flipMiddleBit)
    await rm(join(copy, 'detections.csv'))
    expect(follow().stdout).toMatch(
      /^Verified OK\n(?=.*detections\.csv does not match).*report\.fr\.pdf does not match its manifest\n/s,
    )
    await overwrite(join(copy, 'manifest.json'), raiseMarking)
    expect(follow().stdout).toContain('Verification failure')
  })

  it('accepts a version that is made meanwhile', async () => {
    const { services } = opened
    const meanwhile = async function* () {
      yield* services.reports.all()
      await reportFrom(opened, 'WF', '2024-W20')
    }
    const { problems } = await verifyArchive({ ...services, reports: { ...services.reports, all: meanwhile } })
    expect(problems).toEqual([])
  })
})

it('the command prints each problem, and exits with 1', async () => {
  const home = join(folder, 'command')
  const own = await openServices(home, 'now')
  await reportFrom(own, 'NC', '2024-W20')
  await own.close()
  const verify = (...more: readonly string[]) => vigie(['archive', 'verify', '--home', home, ...more])
  expect((await verify()).code).toBe(0)
  const file = join(home, 'archive', first, 'report.en.html')
  await overwrite(file, flipMiddleBit)
  expect(await verify()).toMatchObject({ code: 1, stdout: expect.stringContaining(file) })
  const ran = await verify('--json')
  expect([ran.code, jsonOf<VerifyJson>(ran).problems]).toMatchObject([1, [{ file }]])
})

it('a version gives way to the next one, if its maker was killed before its manifest and the key changed since', async () => {
  const home = await openServices(join(folder, 'new-key'))
  try {
    await ingestInto(home, [input({ id: 'a' })])
    const { archive, reports } = home.services
    const put: typeof archive.put = async (key, ...file) => {
      if (key.endsWith('manifest.json')) throw new Error('killed')
      return archive.put(key, ...file)
    }
    const changed = { archive: { ...archive, put }, reports: { ...reports, change: async () => true } }
    const killed = home.asRun('killed', changed)
    await expect(reportFrom({ ...home, services: killed }, 'NC', '2024-W20')).rejects.toThrow('killed')
    home.at('2024-05-20T01:00:00.000Z')
    const services = home.asRun('after', { signer: openSigner(await mkdtemp(join(folder, 'new-key-'))) })
    expect(await reportFrom({ ...home, services }, 'NC', '2024-W20')).toMatchObject({ version: 2, isNew: true })
    expect(await verifyArchive(services)).toMatchObject({ versions: 1, unsigned: 0, problems: [] })
  } finally {
    await home.close()
  }
})
