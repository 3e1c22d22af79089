/** `vigie serve`. */
import { type Command, InvalidArgumentError } from 'commander'
import { type Globals, run } from '../run.ts'
import { say } from '../terminal.ts'

export const serveCommand = (vigie: Command): void => {
  vigie
    .command('serve')
    .description(
      'open the reading room and the links of the outbox’s mails on this machine, by an address that it prints',
    )
    .option('--port <number>', 'to listen on, on loopback', '8080')
    .action(async (options: { port: string }, command: Command) => {
      const port = Number(options.port)
      if (!/^\d{1,5}$/.test(options.port) || port > 65_535) {
        throw new InvalidArgumentError(`--port: ${options.port} is no port`)
      }
      const { stage } = command.optsWithGlobals<Globals>()
      if (stage !== undefined) {
        throw new InvalidArgumentError(
          `--stage: ${stage} has an address of its own; serve opens the home of this machine`,
        )
      }
      await run('serve', command, async (context) => {
        const { serve } = await import('../server.ts')
        const { siteHere } = await import('../deliver.ts')
        const served = await serve({ port }, context)
        say(`${served.entrance} opens the reading room: archive, requests, mail, watch of the sources`)
        say('Give that address to nobody: it opens everything, until Vigie ends. It listens on loopback only.')
        say(`Programs send its token: Authorization: Bearer ${served.token}`)
        say(`${served.url} opens the links of the mails in ${context.folder}/outbox`)
        if (served.resumed > 0) say(`Requests that an earlier start has left, and that are made now: ${served.resumed}`)
        if (served.url !== siteHere()) {
          say(`Mails name ${siteHere()}: with VIGIE_SITE=${served.url} set, those to come name this address`)
        }
        say('Codes come as mails into the outbox. Ctrl-C ends it.')
        await served.ended
        return { value: { url: served.url }, lines: [] }
      })
    })
}
