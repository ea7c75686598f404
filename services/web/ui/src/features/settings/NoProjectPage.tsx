// What there is to do for who has no project to look at.
import { answer, api } from "../../api/client";
import { reaches, type SignedIn, useSignedIn } from "../../app/session";
import { Button, Empty, Problem } from "../../components/basics";
import { NewProject, useChange } from "./forms";

export function NoProjectPage() {
  const organizations = useSignedIn().organizations.filter(({ role }) => reaches(role, "ADMIN"));
  return (
    <main>
      <Empty isPage title="No project yet">
        {organizations.length === 0 ? "Ask an administrator of your organization to add you to a project." : "A project holds traces, and the keys to send them."}
      </Empty>
      <div className="mx-auto flex max-w-md flex-col gap-4 px-6">
        {organizations.map((organization) => (
          <Organization key={organization.id} organization={organization} />
        ))}
      </div>
    </main>
  );
}

function Organization({ organization }: { organization: SignedIn["organizations"][number] }) {
  const { change, problem } = useChange();
  const { id, name, role } = organization;
  return (
    <section aria-label={name} className="flex flex-col gap-3 rounded-lg border border-line p-4">
      <h2 className="font-semibold">{name}</h2>
      {problem && <Problem error={problem} />}
      <NewProject organizationId={id} />
      {reaches(role, "OWNER") && (
        <Button look="danger" className="self-start" onClick={() => void change(() => answer(api.DELETE("/organizations/{organization_id}", { params: { path: { organization_id: id } } })))}>
          Delete organization
        </Button>
      )}
    </section>
  );
}
