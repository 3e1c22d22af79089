/** Whatever is changed in the archive is found, and named. */
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
/** A copy of it that nobody has open. */
let atRest: string
let opened: Opened
let cleanUp: () => Promise<void>
let copies = 0

beforeAll(async () => {
  const { folder: made, remove } = await newFolder()
  folder = made
  original = join(folder, 'original')
  atRest = join(folder, 'at-rest')
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
  await opened.close()
  await cp(original, atRest, { recursive: true })
  opened = await openServices(original, 'now')
})

afterAll(() => cleanUp())

const first = 'reports/NC/2024-W20/amber/v0001'
const second = 'reports/NC/2024-W20/amber/v0002'

/** Verifies a copy of the archive in which something was done, against what the home's store knows. */
const verifyAfter = async (done: (archive: string) => Promise<void>) => {
  copies += 1
  const archive = join(folder, `copy-${copies}`)
  await cp(join(original, 'archive'), archive, { recursive: true })
  await done(archive)
  const verified = await verifyArchive({ ...opened.services, archive: archiveFolder(archive) })
  await rm(archive, { recursive: true, force: true })
  return { ...verified, named: namedIn(archive, verified) }
}

/** The same by the command line, on a copy of the whole home. */
const commandAfter = async (done: (archive: string) => Promise<void>, { asText = false } = {}) => {
  copies += 1
  const home = join(folder, `copy-${copies}`)
  await cp(atRest, home, { recursive: true })
  const archive = join(home, 'archive')
  await done(archive)
  const ran = await vigie(['archive', 'verify', '--home', home, '--json'])
  const text = asText ? await vigie(['archive', 'verify', '--home', home]) : undefined
  const verified = jsonOf<VerifyJson>(ran)
  await rm(home, { recursive: true, force: true })
  if (text) {
    expect(text.code).toBe(ran.code)
    for (const { file } of verified.problems) expect(text.stdout).toContain(file)
  }
  return { code: ran.code, ...verified, named: namedIn(archive, verified) }
}

const namedIn = (archive: string, { problems }: VerifyJson) =>
  problems.map(({ file }) => file.slice(archive.length + 1))

/** One bit of the byte in the middle. */
const flip = (bytes: Buffer): Buffer => {
  const middle = bytes.length >> 1
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle)
  return bytes
}

/** A manifest that says of its report what was never said. */
const remarked = (bytes: Buffer): string => String(bytes).replace(/"marking":"[^"]+"/, '"marking":"TLP:RED"')

describe('vigie archive verify', () => {
  it('finds an untouched archive right', async () => {
    const names = await readdir(join(original, 'archive', first))
    const files = 3 * (names.length - 2) // all but the manifests and their signatures
    expect(await commandAfter(async () => {})).toMatchObject({ code: 0, versions: 3, files, problems: [] })
  })

  it('finds a changed byte in every kind of file', async () => {
    const names = (await readdir(join(original, 'archive', first))).toSorted()
    expect(names.length).toBeGreaterThanOrEqual(6)
    const found = await verifyAfter(async (archive) => {
      for (const name of names) await overwrite(join(archive, first, name), flip)
    })
    // A manifest that is no JSON any more cannot say what its files must be.
    expect(found.named).toContain(`${first}/manifest.json`)
    const without = await verifyAfter(async (archive) => {
      for (const name of names) if (name !== 'manifest.json') await overwrite(join(archive, first, name), flip)
    })
    expect(without.named.toSorted()).toEqual(
      names.filter((name) => name !== 'manifest.json').map((name) => `${first}/${name}`),
    )
  })

  it('finds a removed file, a shortened and a lengthened one', async () => {
    const found = await commandAfter(
      async (archive) => {
        await rm(join(archive, first, 'report.fr.pdf'))
        await overwrite(join(archive, first, 'report.en.html'), (bytes) => bytes.subarray(0, -1))
        await overwrite(join(archive, second, 'report.json'), (bytes) => `${bytes}\n`)
      },
      { asText: true },
    )
    expect(found.code).toBe(1)
    expect(found.named.toSorted()).toEqual([
      `${first}/report.en.html`,
      `${first}/report.fr.pdf`,
      `${second}/report.json`,
    ])
  })

  it('finds files beside the others, whatever their names, and passes over drafts', async () => {
    const names = ['report.fr.txt', 'a folder/x.pdf', 'report.fr (copy).pdf', 'évidence.pdf', '.hidden']
    const found = await verifyAfter(async (archive) => {
      for (const name of [...names, '.draft-0b0e8c4e-7f0e-4d1c-9a53-4a8c0d1f2b3c']) {
        await mkdir(dirname(join(archive, second, name)), { recursive: true })
        await writeFile(join(archive, second, name), 'x')
      }
    })
    expect(found.named.toSorted()).toEqual(names.map((name) => `${second}/${name}`).toSorted())
  })

  it('finds a version that nobody made, and a file outside the reports', async () => {
    const found = await verifyAfter(async (archive) => {
      await cp(join(archive, second), join(archive, 'reports/NC/2024-W20/amber/v0003'), { recursive: true })
      await writeFile(join(archive, 'note.txt'), 'x')
    })
    expect(found.named).toContain('reports/NC/2024-W20/amber/v0003/manifest.json')
    expect(found.named).toContain('note.txt')
  })

  it('finds an edited manifest', async () => {
    const found = await verifyAfter((archive) =>
      overwrite(join(archive, first, 'manifest.json'), (bytes) => String(bytes).replace('"version":1', '"version":7')),
    )
    expect(found).toMatchObject({ named: [`${first}/manifest.json`] })
  })

  it.each([
    [
      'a name that leaves the archive',
      (text: string) => text.replaceAll('report.fr.pdf', '../../../../../../etc/passwd'),
    ],
    ['a name that is no key', (text: string) => text.replaceAll('report.fr.pdf', 'report fr pdf')],
    ['no JSON', () => '{'],
    ['another schema', () => '{}'],
    ['nothing', () => ''],
  ])('finds a manifest with %s, and goes on with the others', async (_what, change) => {
    const found = await verifyAfter(async (archive) => {
      await overwrite(join(archive, first, 'manifest.json'), (bytes) => change(String(bytes)))
      await rm(join(archive, second, 'report.json'))
    })
    expect(found.named).toContain(`${first}/manifest.json`)
    expect(found.named).toContain(`${second}/report.json`)
    expect(found.named.every((name) => name.startsWith('reports/NC/'))).toBe(true)
  })

  it('finds a change that its manifest was made to agree with', async () => {
    const found = await verifyAfter(async (archive) => {
      const { createHash } = await import('node:crypto')
      const path = join(archive, first, 'report.en.html')
      const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
      const before = hashOf(await readFile(path))
      await overwrite(path, flip)
      const after = hashOf(await readFile(path))
      await overwrite(join(archive, first, 'manifest.json'), (bytes) => String(bytes).replace(before, after))
    })
    expect(found).toMatchObject({ named: [`${first}/manifest.json`] })
  })

  /** The same as seen by somebody who can write everything but the key: the archive and the index. */
  const verifyForged = async (
    done: (archive: string) => Promise<void>,
    forge: (entry: VersionEntry) => VersionEntry | undefined = (entry) => entry,
    options: VerifyOptions = {},
  ) => {
    const archive = join(folder, `copy-${++copies}`)
    await cp(join(original, 'archive'), archive, { recursive: true })
    await done(archive)
    const { reports } = opened.services
    const all: Reports['all'] = async function* (filter) {
      for await (const entry of reports.all(filter)) {
        const forged = forge(entry)
        if (forged) yield forged
      }
    }
    const services = { ...opened.services, archive: archiveFolder(archive), reports: { ...reports, all } }
    const verified = await verifyArchive(services, options)
    return { ...verified, named: namedIn(archive, verified), messages: verified.problems.map(({ message }) => message) }
  }

  it('finds a manifest that was forged together with the index: the key is what a forger has not', async () => {
    let forged = ''
    const changeManifest = async (archive: string) => {
      const path = join(archive, second, 'manifest.json')
      await overwrite(path, (bytes) => remarked(bytes))
      forged = sha256(await readFile(path))
    }
    const changeIndex = (entry: VersionEntry) =>
      entry.territory === 'NC' && entry.version === 2 && entry.published
        ? { ...entry, published: { ...entry.published, manifestSha256: forged } }
        : entry
    const unsigned = await verifyForged(changeManifest, changeIndex)
    expect(unsigned.named).toEqual([`${second}/manifest.sig`])
    expect(unsigned.messages[0]).toContain('is no signature of the manifest next to it')
    const own = await verifyForged(async (archive) => {
      await changeManifest(archive)
      const signer = openSigner(await mkdtemp(join(folder, 'forger-')))
      const signed = await signer.sign(await readFile(join(archive, second, 'manifest.json')))
      await overwrite(join(archive, second, 'manifest.sig'), () => signed)
    }, changeIndex)
    expect(own.named).toEqual([`${second}/manifest.sig`])
  })

  it('finds a signature that is gone, or another manifest’s', async () => {
    const gone = await verifyForged((archive) => rm(join(archive, first, 'manifest.sig')))
    expect(gone).toMatchObject({ unsigned: 1, named: [`${first}/manifest.sig`] })
    expect(gone.messages[0]).toContain('is not signed')
    const swapped = await verifyForged(async (archive) => {
      const other = await readFile(join(archive, second, 'manifest.sig'))
      await overwrite(join(archive, first, 'manifest.sig'), () => other)
    })
    expect(swapped.named).toEqual([`${first}/manifest.sig`])
  })

  it('finds a version that was taken out of the archive and of the index, where later ones follow', async () => {
    const found = await verifyForged(
      (archive) => rm(join(archive, first), { recursive: true }),
      (entry) => (entry.territory === 'NC' && entry.version === 1 ? undefined : entry),
    )
    expect(found.named).toEqual([`${first}/manifest.json`, `${second}/manifest.json`])
    expect(found.messages).toEqual([
      'is not in the index, which continues with version 2',
      'does not follow on nothing, as a first version does',
    ])
  })

  it('takes the keys that are given: an old one beside the new one, and none but these', async () => {
    const before = await opened.services.signer.publicKey()
    const stranger = openSigner(await mkdtemp(join(folder, 'other-')))
    await stranger.sign(Buffer.from('something else'))
    const other = await stranger.publicKey()
    expect((await verifyForged(async () => {}, undefined, { keys: [other, before] })).problems).toEqual([])
    const strangers = await verifyForged(async () => {}, undefined, { keys: [other] })
    expect(strangers.named).toHaveLength(3)
    expect(strangers.messages[0]).toContain(other.fingerprint.slice(0, 16))
  })

  it('passes over versions that were made before manifests were signed, where it is told to', async () => {
    const unsign = (archive: string) => rm(join(archive, first, 'manifest.sig'))
    const passed = await verifyForged(unsign, undefined, { allowUnsigned: true })
    expect(passed).toMatchObject({ unsigned: 1, problems: [] })
  })

  it('is no more than openssl does, by the recipe of docs/reports.md', async ({ skip }) => {
    const { error } = spawnSync('openssl', ['version'])
    if (error) return skip(`openssl cannot be run: ${error.message}`)
    const guide = await readFile(new URL('../../docs/reports.md', import.meta.url), 'utf8')
    const [, recipe = ''] = /```sh\n(openssl dgst[\s\S]*?)```/.exec(guide) ?? []
    expect(recipe).toContain('-verify')
    const copy = join(folder, 'for-openssl')
    await cp(join(original, 'archive', first), copy, { recursive: true })
    await writeFile(join(copy, 'vigie.pem'), (await opened.services.signer.publicKey()).pem)
    const follow = () => spawnSync('sh', ['-c', recipe], { cwd: copy, encoding: 'utf8' })
    const right = follow()
    expect([right.stdout, right.status]).toEqual(['Verified OK\n', 0])
    await overwrite(join(copy, 'report.fr.pdf'), flip)
    await rm(join(copy, 'detections.csv'))
    expect(follow()).toMatchObject({
      stdout: expect.stringMatching(
        /^Verified OK\n(?=.*detections\.csv does not match).*report\.fr\.pdf does not match its manifest\n/s,
      ),
    })
    await overwrite(join(copy, 'manifest.json'), (bytes) => remarked(bytes))
    expect(follow().stdout).toContain('Verification failure')
  })

  it('finds swapped files and swapped versions', async () => {
    const files = await verifyAfter(async (archive) => {
      const at = (name: string) => join(archive, first, name)
      await rename(at('report.fr.pdf'), at('x'))
      await rename(at('report.en.pdf'), at('report.fr.pdf'))
      await rename(at('x'), at('report.en.pdf'))
    })
    expect(files.named.toSorted()).toEqual([`${first}/report.en.pdf`, `${first}/report.fr.pdf`])
    const versions = await verifyAfter(async (archive) => {
      await rename(join(archive, first), join(archive, 'x'))
      await rename(join(archive, second), join(archive, first))
      await rename(join(archive, 'x'), join(archive, second))
    })
    expect(versions.named).toContain(`${first}/manifest.json`)
    expect(versions.named).toContain(`${second}/manifest.json`)
  })

  it('finds a removed version, a removed territory and a removed archive', async () => {
    const version = await verifyAfter((archive) => rm(join(archive, first), { recursive: true }))
    expect(version.named).toContain(`${first}/manifest.json`)
    const all = await commandAfter((archive) => rm(archive, { recursive: true }))
    expect(all.code).toBe(1)
    expect(all.named).toHaveLength(3)
  })

  it('finds a file that was replaced by a link or a folder', async () => {
    const found = await verifyAfter(async (archive) => {
      const at = (name: string) => join(archive, first, name)
      await rm(at('report.fr.html'))
      await mkdir(at('report.fr.html'))
      await rm(at('report.en.html'))
      await symlink('nowhere', at('report.en.html'))
    })
    expect(found.named.toSorted()).toEqual([`${first}/report.en.html`, `${first}/report.fr.html`])
  })
})

describe('a version that is made while the archive is verified', () => {
  it('is no stranger in it', async () => {
    const { services } = opened
    const meanwhile = async function* () {
      yield* services.reports.all()
      await reportFrom(opened, 'WF', '2024-W20')
    }
    const { problems } = await verifyArchive({ ...services, reports: { ...services.reports, all: meanwhile } })
    expect(problems).toEqual([])
  })
})

describe('a version whose maker was killed between its signature and its manifest', () => {
  it('gives way to the next one, where the key that signs has changed meanwhile', async () => {
    const home = await openServices(join(folder, 'new-key'))
    try {
      await ingestInto(home, [input({ id: 'a' })])
      const { archive, reports } = home.services
      const killed = home.asRun('killed', {
        archive: {
          ...archive,
          put: async (key, ...file) => {
            if (key.endsWith('manifest.json')) throw new Error('killed')
            return archive.put(key, ...file)
          },
        },
        reports: { ...reports, change: async () => true },
      })
      await expect(reportFrom({ ...home, services: killed }, 'NC', '2024-W20')).rejects.toThrow('killed')
      home.at('2024-05-20T01:00:00.000Z')
      const services = home.asRun('after', { signer: openSigner(await mkdtemp(join(folder, 'new-key-'))) })
      expect(await reportFrom({ ...home, services }, 'NC', '2024-W20')).toMatchObject({ version: 2, isNew: true })
      expect(await verifyArchive(services)).toMatchObject({ versions: 1, unsigned: 0, problems: [] })
    } finally {
      await home.close()
    }
  })
})
