/** The stack with mail, the interface for programs and the reading room, synthesised with its bundles once for all test files of a run. */
import { access, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sharedFolderVariable } from './shared-folder.ts'
import { type Synthesised, synthesise } from './stack-here.ts'

const certificate = 'arn:aws:acm:eu-west-3:123456789012:certificate/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9'

export const sharedSettings = {
  mail: { from: 'vigie@example.org', domain: { name: 'reports.example.org', certificate } },
  api: { issuer: 'https://sign-in.example.org', audience: ['vigie'] },
  room: { issuer: 'https://sign-in.example.org', clientId: 'vigie', domain: { name: 'room.example.org' } },
}

export const sharedOrganisation = {
  logo: 'logo.svg',
  accent: '#5a2a6e',
  flashDrafts: { breakout: 5 },
  posts: { kanaky: { territories: ['NC'], marking: 'TLP:GREEN', map: { columns: { Qui: 'account' } } } },
}
const logo = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>'

export const sharedAssembly = async (): Promise<Synthesised> => {
  const shared = process.env[sharedFolderVariable]
  if (shared === undefined) throw new Error('the run has no shared folder: see vitest.config.ts')
  const folder = join(shared, 'assembly')
  const whole = join(shared, 'assembly.json')
  // Whoever makes the folder makes what is in it; the others wait.
  const isMine = await mkdir(folder).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    },
  )
  if (isMine) {
    const house = join(folder, 'vigie.json')
    await writeFile(house, JSON.stringify(sharedOrganisation))
    await writeFile(join(folder, 'logo.svg'), logo)
    await writeFile(whole, JSON.stringify(await synthesise(join(folder, 'out'), { ...sharedSettings, house })))
  }
  for (let waits = 0; waits < 600; waits += 1) {
    const isThere = await access(whole).then(
      () => true,
      () => false,
    )
    // A file is there before it is whole.
    const text = isThere ? await readFile(whole, 'utf8') : ''
    if (text.endsWith('}')) return JSON.parse(text) as Synthesised
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error('the shared assembly was not made within a minute')
}
