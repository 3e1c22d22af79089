/** One load by autocannon: options as JSON in the first argument, its result as JSON on standard output. Called by bench/api.ts. */
import autocannon from 'autocannon'

// Where there is a body, each request has a key of its own (`idempotency-key`), and is a job of its own.
const { body, ...options } = JSON.parse(process.argv[2])
let number = 0
const setupClient = (client) => {
  const next = () => {
    number += 1
    client.setHeadersAndBody(
      { ...options.headers, 'content-type': 'application/json', 'idempotency-key': `bench-${number}` },
      body,
    )
  }
  next()
  client.on('response', next)
}
const result = await autocannon({ ...options, ...(body && { setupClient }) })
process.stdout.write(JSON.stringify(result))
