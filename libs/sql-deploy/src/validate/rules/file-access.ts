import { MAX_FILE_BYTES, type UnusableEntry } from '../../bundle/bundle.ts';
import { baseNameOf, parentOf } from '../../bundle/file-kind.ts';
import { fileProblem } from '../problem.ts';
import type { Rule } from '../rule.ts';

/** Rule file-access: all that is in the folders can be read and is a file. */
export const fileAccess: Rule = (bundle) =>
  bundle.unusable.map((entry) => {
    const [message, hint] = explain(entry);
    return fileProblem('file-access', entry.path, message, hint);
  });

function explain(entry: UnusableEntry): readonly [message: string, hint: string] {
  switch (entry.reason) {
    case 'directory':
      return explainDirectory(entry);
    case 'not-a-folder':
      return [`A folder belongs here, and this is a file.`, `Move the file away, and make ${entry.folder} a folder.`];
    case 'special':
      return ['This is a socket, a device or a pipe, not a file.', 'Take it out of the folder.'];
    case 'link-outside':
      return explainLink(entry.detail);
    case 'unreadable':
      return explainUnreadable(entry);
    case 'too-large':
      return [
        `The file has ${grouped(Number(entry.detail))} bytes; the most a file may have is ${grouped(MAX_FILE_BYTES)}.`,
        'Split it into several files, or load bulk data by other means, such as \\copy of psql.',
      ];
  }
}

function explainDirectory(entry: UnusableEntry): readonly [string, string] {
  if (entry.folder === 'create') {
    const subFolder = `create/${parentOf(entry.name)}/`;
    return [
      `Nothing in this directory would run: ${subFolder} is read, directories inside it are not.`,
      `Move its files up into ${subFolder}, or make it a sub-folder of create/ itself.`,
    ];
  }
  return [
    `Nothing in this directory would run: ${entry.folder}/ holds files only.`,
    `Move its files up into ${entry.folder}/, each with an ordinal of its own, or move the directory elsewhere.`,
  ];
}

function explainLink(code: string): readonly [string, string] {
  const hint = 'Put the file itself here, or let the link lead to one below the root.';
  if (code === 'ENOENT') return ['This symbolic link leads nowhere.', hint];
  if (code === 'ELOOP') return ['This symbolic link leads in a circle.', hint];
  return ['This symbolic link leads out of the root directory, and nothing outside is read.', hint];
}

function explainUnreadable({ path, detail }: UnusableEntry): readonly [string, string] {
  if (baseNameOf(path).includes('\ufffd')) {
    return [`This cannot be opened (${detail}), because its name is not UTF-8.`, 'Rename it, in plain letters.'];
  }
  if (detail === 'EACCES' || detail === 'EPERM') {
    return [
      `This cannot be read: permission denied (${detail}).`,
      'Let the user that runs this read it, for example with chmod u+r for a file or chmod u+rx for a directory.',
    ];
  }
  if (detail === 'ENOENT') {
    return [`This vanished while it was being read (${detail}).`, 'Run again when nothing changes the folders.'];
  }
  return [
    `This cannot be read: the system says ${detail}.`,
    'Look to the disk or the mount it lies on, and run again.',
  ];
}

function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
