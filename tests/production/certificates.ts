import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** Files of a certificate and of its private key. */
export interface Certified {
  cert: string;
  key: string;
}

const KEY_PAIR = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** An authority that nobody but the tests trusts, with its files in a folder. */
export function certificateAuthority(folder: string, name: string) {
  const fileOf = (file: string) => path.join(folder, `${name}-${file}`);
  const ca: Certified = { cert: fileOf('ca.pem'), key: fileOf('ca.key') };
  openssl('req', '-x509', ...KEY_PAIR, '-subj', `/CN=${name}`, ...filesOf(ca));
  return {
    cert: ca.cert,
    /** Certifies a server on this machine, or a client. */
    certify(subject: string): Certified {
      const certified = { cert: fileOf(`${subject}.pem`), key: fileOf(`${subject}.key`) };
      const request = fileOf(`${subject}.csr`);
      const extensions = fileOf(`${subject}.ext`);
      writeFileSync(extensions, 'subjectAltName = DNS:localhost, IP:127.0.0.1\n');
      const key = ['-keyout', certified.key];
      openssl('req', ...KEY_PAIR, '-subj', `/CN=${subject}`, ...key, '-out', request);
      const signing = ['-CA', ca.cert, '-CAkey', ca.key, '-CAcreateserial'];
      const certificate = ['-extfile', extensions, '-out', certified.cert];
      openssl('x509', '-req', '-in', request, ...signing, ...certificate);
      return certified;
    },
  };
}

function filesOf({ cert, key }: Certified): string[] {
  return ['-keyout', key, '-out', cert];
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
