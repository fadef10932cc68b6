import { execFile } from "node:child_process"
import { join } from "node:path"
import { fetchUrl, isHttpError } from "@gitops-toolkit/http"
import { startProgram, untilReady, type Program } from "./process.ts"
import type { Site } from "./site.ts"

/** Starts etcd on two free ports, waits for `/health`. */
export async function startEtcd(site: Site): Promise<{ readonly program: Program; readonly url: string }> {
  const path = site.binaries.get("etcd") ?? ""
  const [clientPort = 0, peerPort = 0] = site.ports
  const url = `http://127.0.0.1:${clientPort}`
  const args = [
    `--data-dir=${join(site.directory, "etcd")}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
    // Listed from 3.5 on; a test's data need not survive the machine.
    ...((await helpOf(path)).includes("unsafe-no-fsync") ? ["--unsafe-no-fsync"] : []),
  ]
  const program = startProgram({ path, args, directory: site.directory, logPath: site.logPath("etcd") })
  site.started.push(program)
  await untilReady(program, () => answersOk(`${url}/health`), site)
  return { program, url }
}

async function answersOk(url: string): Promise<boolean> {
  try {
    return (await fetchUrl(url, { attempts: 1, timeoutMs: 1000 })).status === 200
  } catch (error) {
    if (isHttpError(error)) return false
    throw error
  }
}

function helpOf(path: string): Promise<string> {
  return new Promise((resolve) => execFile(path, ["--help"], { timeout: 10_000 }, (_, out, err) => resolve(out + err)))
}
