// A double of the AWS provider: it has the names and types of the real one's arguments, and nothing else of it. It never
// speaks to AWS; what it "creates" exists in the state only.
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log"

	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tfprotov5/tf5server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func main() {
	read, err := readDocument()
	if err != nil {
		log.Fatalf("schema double: %v", err)
	}
	double, err := newDouble(read)
	if err != nil {
		log.Fatalf("schema double: %v", err)
	}
	if err := tf5server.Serve("kvlane/schema-double", func() tfprotov5.ProviderServer { return double }); err != nil {
		log.Fatalf("schema double: %v", err)
	}
}

// The embedded interface stands for what Terraform 1.x does not call with these schemas (functions, identities, imports).
type double struct {
	tfprotov5.ProviderServer
	provider  *tfprotov5.Schema
	resources map[string]*tfprotov5.Schema
	data      map[string]*tfprotov5.Schema
}

func newDouble(read *document) (*double, error) {
	made := &double{}
	provider, err := read.Provider.schema()
	if err != nil {
		return nil, err
	}
	made.provider = &tfprotov5.Schema{Block: provider}
	if made.resources, err = schemas(read.Resources); err != nil {
		return nil, err
	}
	made.data, err = schemas(read.Data)
	return made, err
}

func (d *double) GetProviderSchema(context.Context, *tfprotov5.GetProviderSchemaRequest) (*tfprotov5.GetProviderSchemaResponse, error) {
	return &tfprotov5.GetProviderSchemaResponse{
		Provider:          d.provider,
		ResourceSchemas:   d.resources,
		DataSourceSchemas: d.data,
		// Terraform starts a provider many times in a test, and needs this from the first one alone.
		ServerCapabilities: &tfprotov5.ServerCapabilities{GetProviderSchemaOptional: true},
	}, nil
}

func (d *double) PrepareProviderConfig(_ context.Context, r *tfprotov5.PrepareProviderConfigRequest) (*tfprotov5.PrepareProviderConfigResponse, error) {
	return &tfprotov5.PrepareProviderConfigResponse{PreparedConfig: r.Config}, nil
}

func (d *double) ConfigureProvider(context.Context, *tfprotov5.ConfigureProviderRequest) (*tfprotov5.ConfigureProviderResponse, error) {
	return &tfprotov5.ConfigureProviderResponse{}, nil
}

func (d *double) StopProvider(context.Context, *tfprotov5.StopProviderRequest) (*tfprotov5.StopProviderResponse, error) {
	return &tfprotov5.StopProviderResponse{}, nil
}

// Names, types and what is required are checked by Terraform itself, from the schema; what cannot be set is checked here.
func (d *double) ValidateResourceTypeConfig(_ context.Context, r *tfprotov5.ValidateResourceTypeConfigRequest) (*tfprotov5.ValidateResourceTypeConfigResponse, error) {
	found, err := d.validate(d.resources[r.TypeName], r.Config)
	return &tfprotov5.ValidateResourceTypeConfigResponse{Diagnostics: found}, err
}

func (d *double) ValidateDataSourceConfig(_ context.Context, r *tfprotov5.ValidateDataSourceConfigRequest) (*tfprotov5.ValidateDataSourceConfigResponse, error) {
	found, err := d.validate(d.data[r.TypeName], r.Config)
	return &tfprotov5.ValidateDataSourceConfigResponse{Diagnostics: found}, err
}

func (d *double) validate(schema *tfprotov5.Schema, config *tfprotov5.DynamicValue) ([]*tfprotov5.Diagnostic, error) {
	var found []*tfprotov5.Diagnostic
	_, err := d.change(schema, config, func(a *tfprotov5.SchemaAttribute, v tftypes.Value) tftypes.Value {
		if !a.Optional && !a.Required && !v.IsNull() {
			found = append(found, &tfprotov5.Diagnostic{
				Severity: tfprotov5.DiagnosticSeverityError,
				Summary:  "Value for unconfigurable attribute",
				Detail:   fmt.Sprintf("Can't configure a value for %q: it is decided by AWS.", a.Name),
			})
		}
		return v
	})
	return found, err
}

func (d *double) UpgradeResourceState(_ context.Context, r *tfprotov5.UpgradeResourceStateRequest) (*tfprotov5.UpgradeResourceStateResponse, error) {
	kind := d.resources[r.TypeName].ValueType()
	value, err := r.RawState.Unmarshal(kind)
	if err != nil {
		return nil, err
	}
	state, err := tfprotov5.NewDynamicValue(kind, value)
	return &tfprotov5.UpgradeResourceStateResponse{UpgradedState: &state}, err
}

func (d *double) ReadResource(_ context.Context, r *tfprotov5.ReadResourceRequest) (*tfprotov5.ReadResourceResponse, error) {
	return &tfprotov5.ReadResourceResponse{NewState: r.CurrentState, Private: r.Private}, nil
}

func (d *double) PlanResourceChange(_ context.Context, r *tfprotov5.PlanResourceChangeRequest) (*tfprotov5.PlanResourceChangeResponse, error) {
	schema := d.resources[r.TypeName]
	prior, err := r.PriorState.Unmarshal(schema.ValueType())
	if err != nil {
		return nil, err
	}
	if !prior.IsNull() {
		return &tfprotov5.PlanResourceChangeResponse{PlannedState: r.ProposedNewState}, nil
	}
	planned, err := d.change(schema, r.ProposedNewState, func(a *tfprotov5.SchemaAttribute, v tftypes.Value) tftypes.Value {
		if a.Computed && v.IsNull() {
			return tftypes.NewValue(a.Type, tftypes.UnknownValue)
		}
		return v
	})
	return &tfprotov5.PlanResourceChangeResponse{PlannedState: planned}, err
}

func (d *double) ApplyResourceChange(_ context.Context, r *tfprotov5.ApplyResourceChangeRequest) (*tfprotov5.ApplyResourceChangeResponse, error) {
	state, err := d.change(d.resources[r.TypeName], r.PlannedState, func(a *tfprotov5.SchemaAttribute, v tftypes.Value) tftypes.Value {
		if !v.IsKnown() {
			return placeholder(a.Name, a.Type)
		}
		return v
	})
	return &tfprotov5.ApplyResourceChangeResponse{NewState: state}, err
}

func (d *double) ReadDataSource(_ context.Context, r *tfprotov5.ReadDataSourceRequest) (*tfprotov5.ReadDataSourceResponse, error) {
	state, err := d.change(d.data[r.TypeName], r.Config, func(a *tfprotov5.SchemaAttribute, v tftypes.Value) tftypes.Value {
		if a.Computed && v.IsNull() {
			return placeholder(a.Name, a.Type)
		}
		return v
	})
	return &tfprotov5.ReadDataSourceResponse{State: state}, err
}

type rule func(*tfprotov5.SchemaAttribute, tftypes.Value) tftypes.Value

func (d *double) change(schema *tfprotov5.Schema, from *tfprotov5.DynamicValue, to rule) (*tfprotov5.DynamicValue, error) {
	kind := schema.ValueType()
	value, err := from.Unmarshal(kind)
	if err != nil {
		return nil, err
	}
	if value, err = changeBlock(schema.Block, value, to); err != nil {
		return nil, err
	}
	made, err := tfprotov5.NewDynamicValue(kind, value)
	return &made, err
}

// Applies a rule to every attribute of a block and of those in it.
func changeBlock(b *tfprotov5.SchemaBlock, value tftypes.Value, to rule) (tftypes.Value, error) {
	if value.IsNull() || !value.IsKnown() {
		return value, nil
	}
	fields := map[string]tftypes.Value{}
	if err := value.As(&fields); err != nil {
		return value, err
	}
	for _, a := range b.Attributes {
		fields[a.Name] = to(a, fields[a.Name])
	}
	for _, n := range b.BlockTypes {
		inner := fields[n.TypeName]
		if inner.IsNull() || !inner.IsKnown() {
			continue
		}
		if n.Nesting == tfprotov5.SchemaNestedBlockNestingModeSingle {
			changed, err := changeBlock(n.Block, inner, to)
			if err != nil {
				return value, err
			}
			fields[n.TypeName] = changed
			continue
		}
		var items []tftypes.Value
		if err := inner.As(&items); err != nil {
			return value, err
		}
		for i := range items {
			changed, err := changeBlock(n.Block, items[i], to)
			if err != nil {
				return value, err
			}
			items[i] = changed
		}
		fields[n.TypeName] = tftypes.NewValue(inner.Type(), items)
	}
	return tftypes.NewValue(value.Type(), fields), nil
}

// Something of the type that nobody takes for what AWS would say.
func placeholder(name string, kind tftypes.Type) tftypes.Value {
	switch {
	case kind.Is(tftypes.String):
		var unique [6]byte
		if _, err := rand.Read(unique[:]); err != nil {
			panic(err)
		}
		return tftypes.NewValue(kind, fmt.Sprintf("double-%s-%s", name, hex.EncodeToString(unique[:])))
	case kind.Is(tftypes.Number):
		return tftypes.NewValue(kind, 0)
	case kind.Is(tftypes.Bool):
		return tftypes.NewValue(kind, false)
	case kind.Is(tftypes.Map{}):
		return tftypes.NewValue(kind, map[string]tftypes.Value{})
	case kind.Is(tftypes.List{}), kind.Is(tftypes.Set{}):
		return tftypes.NewValue(kind, []tftypes.Value{})
	default:
		return tftypes.NewValue(kind, nil)
	}
}
