/** What people have shared, for operators: who, what, when, how large; looked at, and removed. docs/protocol/filehost.md. */

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import * as filehost from "../state/features/filehost.ts";
import * as operator from "../state/features/operator.ts";
import type { Answer } from "../state/state.ts";
import { size } from "../text/attachment.ts";
import { dayAndClock, language, t } from "../texts/texts.ts";
import { Filter } from "./controls.tsx";
import { usePage } from "./context.ts";
import { Sure } from "./sure.tsx";

/** What the server gives as a name; nothing else becomes an address. */
const NAME = /^[0-9a-z]{26}\.[0-9a-z]+$/;

export function Files({ answer }: { answer: Answer | undefined }): VNode {
  const { tell } = usePage();
  const [filter, setFilter] = useState("");
  const wanted = filter.toLowerCase();
  const files = operator
    .filesIn(answer)
    .filter((file) => `${file.shown} ${file.name} ${file.by} ${file.account}`.toLowerCase().includes(wanted));
  const more = operator.moreFiles(answer);
  return (
    <>
      <Filter label={t("admin.filter")} value={filter} onInput={setFilter} />
      {answer?.status === "done" && files.length === 0 && more === "" && <p class="hint">{t("admin.noFiles")}</p>}
      <ul class="admin-list">
        {files.map((file) => (
          <li key={file.name}>
            <Name file={file} />
            <span class="admin-about" dir="auto">
              {size(file.bytes, language.value)} · {dayAndClock(file.at)} · {t("admin.fileBy", { name: file.by })}{" "}
              {file.account !== "" && file.account !== file.by && t("admin.account", { account: file.account })}
            </span>
            <div class="admin-acts">
              <Sure
                label={t("admin.remove")}
                question={t("admin.removeSure", { name: file.shown || file.name, by: file.by })}
                onSure={() => tell({ kind: "act", deed: { kind: "removeFile", name: file.name } })}
              />
            </div>
          </li>
        ))}
      </ul>
      {more !== "" && (
        <button type="button" class="small" onClick={() => tell({ kind: "ask", question: "files", before: more })}>
          {t("admin.earlier")}
        </button>
      )}
    </>
  );
}

function Name({ file }: { file: operator.SharedFile }): VNode {
  const { state } = usePage();
  const host = filehost.address(state.value.server.isupport);
  const shown = <bdi>{file.shown || file.name}</bdi>;
  if (!NAME.test(file.name) || !URL.canParse(host)) return <span class="admin-name">{shown}</span>;
  return (
    <a class="admin-name" href={new URL(`/uploads/${file.name}`, host).href} target="_blank" rel="noopener noreferrer">
      {shown}
    </a>
  );
}
